"""Guessed names, one after another: which of them exist?"""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS, GIVEN_NAMES

SLUG = "user_enumeration"
_NAMES = 24
_EXISTING = 3


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """The password does not matter: the answer, or the time it takes, may tell who exists."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.hosting_block(1)[dice.randrange(4)]),
        user_agent=user_agents.PYTHON_REQUESTS,
    )
    existing = dice.sample(list(people), min(_EXISTING, len(people)))
    names = dice.sample(GIVEN_NAMES, _NAMES) + [person.username for person in existing]
    dice.shuffle(names)
    visit = Visit(attacker, 0.0, dice)
    for name in names:
        visit.try_password(name, COMMON_PASSWORDS[0], (5.0, 20.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description=f"One address tries {_NAMES} guessed names and a few real ones, once each.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=tuple(sorted(names)),
    )
