"""A botnet at full speed, which the rate limit stops."""

from collections.abc import Sequence

from traffic import botnet, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "limit_storm"
_FIRST_CUSTOMER = 0x7700
_BOTS = 6
_TRIES = 36
_ACCOUNTS = 9


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """More tries within a minute than the limit allows, from each of the bots."""
    dice = chance(SLUG, seed)
    names = [person.username for person in share(people, dice.randrange(1000), _ACCOUNTS)]
    agents = [dice.choice(user_agents.DESKTOP) for _ in range(_BOTS)]
    machines = botnet.bots(SLUG, _FIRST_CUSTOMER, agents)
    visits = []
    for bot in machines:
        visit = Visit(bot, 0.0, dice)
        for number in range(_TRIES):
            visit.try_password(
                names[number % len(names)], dice.choice(COMMON_PASSWORDS), (0.8, 1.2)
            )
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Six networks try three dozen passwords each within a minute.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(set(names))),
    )
