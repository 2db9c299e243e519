"""Somebody probes the sign-in for holes, and then gets in."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "probe_may_have_worked"

PROBES = (
    "/login?next=%27%20or%201=1--",
    "/login?next=%27%20union%20select%20null--",
    "/login?next=../../../../etc/passwd",
    "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """The account is anybody's; how its password was found is not in the logs."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(7)[dice.randrange(25, 31)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    victim = dice.choice(people)
    visit = Visit(attacker, 0.0, dice)
    for path in PROBES:
        visit.get(path, (5.0, 20.0))
    visit.sign_in(victim)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address probes the sign-in for holes and signs in two minutes later.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=(victim.username,),
    )
