"""A scanner that does not hide its name looks at ordinary pages."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "scanner_fingerprint"


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people; every page that it asks for is there."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[dice.randrange(21, 31)]),
        user_agent=user_agents.NIKTO,
    )
    visit = Visit(attacker, 0.0, dice)
    for path in ("/", "/login", "/health", "/robots.txt", "/login"):
        visit.get(path, (2.0, 8.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="A scanner under its own name asks for five ordinary pages.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
