"""A scanner puts script where pages expect values."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "script_injection_probe"

PROBES = (
    "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
    "/?q=%22%3E%3Csvg/onload=confirm(document.domain)%3E",
    "/search?q=%253Cimg%2520src%253Dx%2520onerror%253Dalert(1)%253E",
    "/login?next=JaVaScRiPt:alert(1)",
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in, and calls itself a browser."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[1]),
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
        description="A scanner sends script: plain, encoded once and twice, in mixed case.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
