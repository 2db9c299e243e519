"""A scanner asks for files of the system."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "path_traversal_probe"

PROBES = (
    "/?file=../../../../etc/passwd",
    "/?file=..%252f..%252f..%252fetc%252fpasswd",
    "/?page=..%c0%af..%c0%af..%c0%afboot.ini",
    "/?page=php://filter/convert.base64-encode/resource=index",
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in, and calls itself a browser."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[2]),
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
        description="A scanner climbs out of folders and asks for files: plain, encoded, overlong.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
