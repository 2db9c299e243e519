"""A sold account: everybody wants to see whether it works."""

from collections.abc import Sequence

from traffic import botnet, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit

SLUG = "account_in_many_places"
_FIRST_CUSTOMER = 0x7600
_BUYERS = 7
_BETWEEN_S = 240


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Each buyer has another device."""
    dice = chance(SLUG, seed)
    (victim,) = share(people, dice.randrange(1000), 1)
    names = [victim.username]
    agents = [*user_agents.DESKTOP, *user_agents.PHONE, user_agents.PYTHON_REQUESTS]
    machines = botnet.bots(SLUG, _FIRST_CUSTOMER, agents[:_BUYERS])
    visits = []
    for number, bot in enumerate(machines):
        visit = Visit(bot, number * _BETWEEN_S, dice)
        visit.sign_in(victim)
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Seven networks sign in to the same account, each with another device.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(set(names))),
    )
