"""Stolen passwords, used from elsewhere."""

from collections.abc import Sequence

from traffic import botnet, user_agents
from traffic.chance import chance
from traffic.ordinary import home_users, office
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit

SLUG = "sign_in_from_new_network"
_FIRST_CUSTOMER = 0x7500
_VICTIMS = 4
_BETWEEN_S = 300


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """The victims are people at home, who were there the day before, too."""
    dice = chance(SLUG, seed)
    at_home = share(people, office.STAFF, home_users.HOUSEHOLDS)
    victims = dice.sample(at_home, _VICTIMS)
    names = [victim.username for victim in victims]
    machines = botnet.bots(SLUG, _FIRST_CUSTOMER, [user_agents.HEADLESS] * _VICTIMS)
    visits = []
    for number, (bot, victim) in enumerate(zip(machines, victims, strict=True)):
        visit = Visit(bot, number * _BETWEEN_S, dice)
        visit.sign_in(victim)
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Four people's accounts are signed in to from networks elsewhere.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(set(names))),
    )
