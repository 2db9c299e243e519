"""One address that looks like a different browser at each try."""

from collections.abc import Sequence

from traffic import addresses
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "rotating_user_agents"
_TRIES = 8
_BETWEEN_S = 90


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Few tries, on one account; each has cookies of its own."""
    dice = chance(SLUG, seed)
    (victim,) = share(people, dice.randrange(1000), 1)
    address = str(addresses.hosting_block(7)[dice.randrange(4)])
    visits = []
    for number, version in enumerate(dice.sample(range(90, 146), _TRIES)):
        disguise = Visitor(
            f"{SLUG}-{number}",
            address,
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            f"Chrome/{version}.0.0.0 Safari/537.36",
        )
        visit = Visit(disguise, number * _BETWEEN_S, dice)
        visit.try_password(victim.username, dice.choice(COMMON_PASSWORDS), (1.0, 60.0))
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address tries eight passwords on an account, each as another browser.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=(address,),
        targets=(victim.username,),
    )
