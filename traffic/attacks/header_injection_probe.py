"""A scanner tries to write headers of the answer."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "header_injection_probe"

PROBES = (
    "/?lang=en%0d%0aSet-Cookie:%20admin=1",
    "/?lang=en%0d%0a%0d%0a%3Chtml%3E",
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in, and calls itself a browser."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[8]),
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
        description="A scanner sends line breaks that are followed by headers and a body.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
