"""A patient guesser: a try every few minutes, for as long as it takes."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "low_and_slow_guessing"
_ACCOUNTS = 5
_TRIES = 13
_PAUSE = (7.6 * 60, 8.0 * 60)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Lasts an hour and a half: in a rehearsal it goes on when the ordinary hour is over."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.hosting_block(0)[dice.randrange(4)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    accounts = [person.username for person in share(people, dice.randrange(1000), _ACCOUNTS)]
    passwords = dice.sample(COMMON_PASSWORDS, _TRIES)
    visit = Visit(attacker, 0.0, dice)
    for number, password in enumerate(passwords):
        visit.try_password(accounts[number % len(accounts)], password, _PAUSE)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address tries a password every eight minutes for an hour and a half, on "
        "five accounts in turn.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=tuple(sorted(set(accounts))),
    )
