"""One or two likely passwords on many accounts, from one address."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_ACCOUNTS, SEASONAL_PASSWORDS

SLUG = "password_spray"
_EXISTING = 20
_SECOND_TRIES = 8


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(2)[dice.randrange(1, 31)]),
        user_agent=user_agents.PYTHON_REQUESTS,
    )
    existing = dice.sample(list(people), min(_EXISTING, len(people)))
    # The list was bought: it holds accounts that never were, and enough of them at any size.
    guessed = [
        *COMMON_ACCOUNTS,
        *(f"user{number:02}" for number in range(_EXISTING - len(existing))),
    ]
    accounts = [person.username for person in existing] + guessed
    dice.shuffle(accounts)
    visit = Visit(attacker, 0.0, dice)
    first, second = SEASONAL_PASSWORDS
    for account in accounts:
        visit.try_password(account, first, (6.0, 14.0))
    for account in accounts[:_SECOND_TRIES]:
        visit.try_password(account, second, (6.0, 14.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address tries one or two seasonal passwords on each of some thirty "
        "accounts, half of them guessed.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=tuple(sorted(set(accounts))),
    )
