"""A list of names and one password: somebody has it."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import GIVEN_NAMES, SEASONAL_PASSWORDS

SLUG = "success_after_spray"
_ACCOUNTS = 12
_STRANGERS = 10


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """The last of the accounts is the one that fits."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.hosting_block(4)[dice.randrange(4)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    *others, victim = share(people, dice.randrange(1000), _ACCOUNTS)
    names = sorted({person.username for person in others} - {victim.username})
    names += dice.sample(GIVEN_NAMES, _STRANGERS)
    dice.shuffle(names)
    visit = Visit(attacker, 0.0, dice)
    for name in names:
        visit.try_password(name, SEASONAL_PASSWORDS[0], (6.0, 14.0))
    visit.try_password(victim.username, victim.password, (6.0, 14.0), solves=True)
    visit.get("/account", (0.3, 1.5))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address tries a password on some twenty accounts and gets into the last.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=tuple(sorted({*names, victim.username})),
    )
