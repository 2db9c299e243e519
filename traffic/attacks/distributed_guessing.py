"""A long list of names, one for each machine, with a different face each time."""

from collections.abc import Sequence

from traffic import botnet, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.wordlist import COMMON_PASSWORDS, GIVEN_NAMES

SLUG = "distributed_guessing"
_FIRST_CUSTOMER = 0x7300
_BOTS = 55
_BETWEEN_S = 45


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Names that nobody here has; in a rehearsal a day's work is done within the hour."""
    dice = chance(SLUG, seed)
    names = [f"{dice.choice(GIVEN_NAMES)}.{number}@example.org" for number in range(_BOTS)]
    agents = [dice.choice(user_agents.DESKTOP + user_agents.PHONE) for _ in names]
    machines = botnet.bots(SLUG, _FIRST_CUSTOMER, agents)
    visits = []
    for number, (bot, name) in enumerate(zip(machines, names, strict=True)):
        visit = Visit(bot, number * _BETWEEN_S, dice)
        visit.try_password(name, dice.choice(COMMON_PASSWORDS), (1.0, 40.0))
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Fifty-five networks try a password each on as many names.",
        visitors=tuple(machines),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in machines),
        targets=tuple(sorted(names)),
    )
