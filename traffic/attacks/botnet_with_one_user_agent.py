"""A botnet whose program calls itself the same everywhere."""

from collections.abc import Sequence

from traffic import botnet
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "botnet_with_one_user_agent"
_AGENT = (
    "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/79.0.3945.88 Safari/537.36"
)
_FIRST_CUSTOMER = 0x7200
_BOTS = 16
_BETWEEN_S = 80


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """An account for each; too few and too slow for the rule of the hour."""
    dice = chance(SLUG, seed)
    names = [person.username for person in share(people, dice.randrange(1000), _BOTS)]
    machines = botnet.bots(SLUG, _FIRST_CUSTOMER, [_AGENT] * _BOTS)
    visits = []
    for number, (bot, name) in enumerate(zip(machines, names, strict=True)):
        visit = Visit(bot, number * _BETWEEN_S, dice)
        visit.try_password(name, dice.choice(COMMON_PASSWORDS), (1.0, 60.0))
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Sixteen networks with one outdated browser try an account each.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(set(names))),
    )
