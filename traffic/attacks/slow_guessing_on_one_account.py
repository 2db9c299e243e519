"""One account, a guess now and then, each from somewhere else."""

from collections.abc import Sequence

from traffic import botnet, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "slow_guessing_on_one_account"
_FIRST_CUSTOMER = 0x7100
_BOTS = 14
_BETWEEN_S = 150


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """In a rehearsal the day has to fit into half an hour."""
    dice = chance(SLUG, seed)
    names = [person.username for person in share(people, dice.randrange(1000), 1)]
    agents = [dice.choice(user_agents.DESKTOP + user_agents.PHONE) for _ in range(_BOTS)]
    # Whatever the dice say: one device counts little, and so these are several.
    agents[: len(user_agents.DESKTOP)] = user_agents.DESKTOP
    machines = botnet.bots(SLUG, _FIRST_CUSTOMER, agents)
    visits = []
    for number, bot in enumerate(machines):
        visit = Visit(bot, number * _BETWEEN_S, dice)
        visit.try_password(names[0], dice.choice(COMMON_PASSWORDS), (1.0, 60.0))
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Fourteen networks try one password each on the same account.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(set(names))),
    )
