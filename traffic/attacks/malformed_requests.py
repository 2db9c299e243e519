"""A fuzzer sends what no client would, and looks for the answer that is different."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "malformed_requests"

REQUESTS = (
    "/?q=%00",
    "/?q=a%01b%02",
    "/login?next=%zz",
    "/login?next=%%41",
    "/?q=%f8%80%80%80%af",
    "/?q=%1f%1e",
    "/static/%c0%80",
    "/account%07",
    "/account?id=%u00zz",
    "/%00/",
    "/login/%0b",
    "/" + "a" * 1500,
    "/health?x=%7f%08",
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the fuzzer never signs in."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(7)[dice.randrange(7, 13)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    visit = Visit(attacker, 0.0, dice)
    for path in dice.sample(REQUESTS, len(REQUESTS)):
        visit.get(path, (2.0, 8.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address sends thirteen requests that no client would make.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
