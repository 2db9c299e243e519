"""A program of the owner's that signs in now and then, to see whether one can."""

from collections.abc import Sequence
from math import ceil

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "uptime_monitor"
ACCOUNTS = 1
_PERIOD_S = 600


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """Every ten minutes with a new session, and an account of its own."""
    dice = chance(KIND, seed)
    (account,) = share(people, 0, ACCOUNTS)
    visits = []
    for number in range(ceil(hours * 3600 / _PERIOD_S)):
        monitor = Visitor(
            f"{KIND}-{number:03}", addresses.UPTIME_MONITOR, user_agents.PYTHON_REQUESTS
        )
        visit = Visit(monitor, number * _PERIOD_S, dice)
        visit.get("/login", (0, 1))
        visit.try_password(account.username, account.password, (0.1, 0.3))
        visit.get("/account", (0.1, 0.3))
        visits.append(visit)
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description="A Python script of the owner's signs in every ten minutes.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order((action for visit in visits for action in visit.actions), hours * 3600),
    )
