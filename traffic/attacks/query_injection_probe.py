"""A scanner sends operators of NoSQL, LDAP and XPath."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "query_injection_probe"

PROBES = (
    "/login?username[$ne]=x&password[$ne]=x",
    "/search?q=*)(uid=*))(%7C(uid=*",
    "/search?q=x'%20or%20count(parent::*)=1",
    "/?xml=%3C!DOCTYPE%20a%20[%3C!ENTITY%20x%20SYSTEM%20'file:///etc/passwd'%3E]%3E",
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in, and calls itself a browser."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[9]),
        user_agent=user_agents.DESKTOP[0],
    )
    visit = Visit(attacker, 0.0, dice)
    for path in ("/", "/login"):
        visit.get(path, (0.5, 2.0))
    for path in dice.sample(PROBES, len(PROBES)):
        visit.get(path, (4.0, 12.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="A scanner sends operators where names are compared, and an XML entity.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
