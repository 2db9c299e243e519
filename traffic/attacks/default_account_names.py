"""The accounts that systems are delivered with, with the passwords they are delivered with."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "default_account_names"
_DEFAULTS = (
    ("admin", "admin"), ("root", "toor"), ("test", "test"), ("guest", "guest"),
    ("administrator", "password"), ("postgres", "postgres"), ("demo", "demo"), ("user", "user"),
)  # fmt: skip


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: nobody of theirs is tried."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.hosting_block(2)[dice.randrange(4)]),
        user_agent=user_agents.PYTHON_REQUESTS,
    )
    visit = Visit(attacker, 0.0, dice)
    for name, password in dice.sample(_DEFAULTS, len(_DEFAULTS)):
        visit.try_password(name, password, (10.0, 40.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address tries eight accounts that systems are delivered with.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=tuple(sorted(name for name, _ in _DEFAULTS)),
    )
