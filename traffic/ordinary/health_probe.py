"""The platform's health check."""

from collections.abc import Sequence
from math import ceil

from traffic import addresses, user_agents
from traffic.action import Action
from traffic.people import Person
from traffic.scenario import Scenario, in_order
from traffic.visitor import Visitor

KIND = "health_probe"
_PERIOD_S = 60


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """The same for every seed: a probe has no moods."""
    probe = Visitor(KIND, addresses.HEALTH_PROBE, user_agents.HEALTH_PROBE)
    minutes = ceil(hours * 3600 / _PERIOD_S)
    pings = [Action(minute * _PERIOD_S, KIND, "get", "/health") for minute in range(minutes)]
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description="A probe asks for /health every minute.",
        visitors=(probe,),
        actions=in_order(pings, hours * 3600),
    )
