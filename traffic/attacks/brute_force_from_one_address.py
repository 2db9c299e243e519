"""A dictionary from one address over a handful of accounts."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "brute_force_from_one_address"
_ACCOUNTS = 4
_TRIES = 64
# 40 a minute at first; the tool slows down once it has been told to wait (429).
_FAST_TRIES = 40
_FAST, _SLOW = (1.2, 1.8), (4.0, 9.0)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(0)[dice.randrange(1, 31)]),
        user_agent=user_agents.HYDRA,
        # The office pays for it wherever the leftmost address is believed.
        forwarded_for=addresses.OFFICE,
    )
    accounts = [person.username for person in share(people, dice.randrange(1000), _ACCOUNTS)]
    visit = Visit(attacker, 0.0, dice)
    for number in range(_TRIES):
        password = COMMON_PASSWORDS[number // _ACCOUNTS % len(COMMON_PASSWORDS)]
        pause = _FAST if number < _FAST_TRIES else _SLOW
        visit.try_password(accounts[number % _ACCOUNTS], password, pause)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address tries a dictionary on a handful of accounts, with a forged "
        "X-Forwarded-For, and does not get in.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=tuple(sorted(set(accounts))),
    )
