"""A botnet on one account, until one of it is in."""

from collections.abc import Sequence

from traffic import botnet, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "success_after_distributed_guessing"
_FIRST_CUSTOMER = 0x7400
_BOTS = 8
_BETWEEN_S = 60


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """The third of the bots comes back with the right password."""
    dice = chance(SLUG, seed)
    (victim,) = share(people, dice.randrange(1000), 1)
    names = [victim.username]
    agents = [dice.choice(user_agents.DESKTOP) for _ in range(_BOTS)]
    machines = botnet.bots(SLUG, _FIRST_CUSTOMER, agents)
    visits = []
    for number, bot in enumerate(machines):
        visit = Visit(bot, number * _BETWEEN_S, dice)
        visit.try_password(victim.username, dice.choice(COMMON_PASSWORDS), (1.0, 40.0))
        visits.append(visit)
    visits[2].now = _BOTS * _BETWEEN_S
    visits[2].sign_in(victim)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Eight networks guess at one account, and one of them gets in.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(set(names))),
    )
