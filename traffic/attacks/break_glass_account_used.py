"""Somebody has heard of the emergency account."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "break_glass_account_used"
_ACCOUNT = "Break-Glass-1"
_TRIES = 2


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the account need not even exist."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.hosting_block(3)[dice.randrange(4)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    visit = Visit(attacker, 0.0, dice)
    visit.get("/login")
    for password in dice.sample(COMMON_PASSWORDS, _TRIES):
        visit.try_password(_ACCOUNT, password)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address tries two passwords on the account for emergencies.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=(_ACCOUNT,),
    )
