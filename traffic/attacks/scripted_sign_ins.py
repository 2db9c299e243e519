"""A small script with a few names, which does not hide what it is."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "scripted_sign_ins"
_ACCOUNTS = 6


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Too few accounts for a spray."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.hosting_block(6)[dice.randrange(4)]),
        user_agent=user_agents.PYTHON_REQUESTS,
    )
    names = [person.username for person in share(people, dice.randrange(1000), _ACCOUNTS)]
    visit = Visit(attacker, 0.0, dice)
    for name in names:
        visit.try_password(name, dice.choice(COMMON_PASSWORDS), (30.0, 90.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="A Python script tries a password on each of six accounts.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=tuple(sorted(set(names))),
    )
