"""One machine asks for the front page as fast as it can."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "request_flood"

_REQUESTS = 1850


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the flood never signs in."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(7)[dice.randrange(19, 25)]),
        user_agent=user_agents.PYTHON_REQUESTS,
    )
    visit = Visit(attacker, 0.0, dice)
    for _ in range(_REQUESTS):
        visit.get("/", (0.02, 0.05))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address asks for the front page thirty times a second for a minute.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
