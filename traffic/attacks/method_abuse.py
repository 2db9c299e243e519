"""A scanner tries what it can do to the site besides reading it."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "method_abuse"

REQUESTS = (
    ("PROPFIND", "/"),
    ("MKCOL", "/upload/"),
    ("PUT", "/upload/shell.jsp"),
    ("MOVE", "/upload/shell.txt"),
    ("DELETE", "/index.html"),
    ("SEARCH", "/"),
    ("JEFF", "/"),
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(7)[dice.randrange(1, 7)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    visit = Visit(attacker, 0.0, dice)
    for method, path in dice.sample(REQUESTS, len(REQUESTS)):
        visit.request(method, path, (2.0, 8.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address sends seven methods that no page of the site has.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
