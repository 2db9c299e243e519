"""A rented block, whose addresses take turns below every limit."""

from collections.abc import Sequence
from ipaddress import IPv6Network

from traffic import botnet, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "guessing_from_neighbouring_addresses"
_BLOCK = IPv6Network("2001:db8:bae::/48")
_BOTS = 6
_ACCOUNTS = 4
_DURATION_S = 1500


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Each of the addresses tries each of the accounts once; nobody gets in."""
    dice = chance(SLUG, seed)
    names = [person.username for person in share(people, dice.randrange(1000), _ACCOUNTS)]
    agents = [dice.choice(user_agents.DESKTOP) for _ in range(_BOTS)]
    machines = botnet.bots(SLUG, 0, agents, _BLOCK)
    visits = []
    for number, bot in enumerate(machines):
        visit = Visit(bot, number * _DURATION_S / _BOTS, dice)
        for name in names:
            visit.try_password(name, dice.choice(COMMON_PASSWORDS), (20.0, 60.0))
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Six networks of one rented block try the same four accounts.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(set(names))),
    )
