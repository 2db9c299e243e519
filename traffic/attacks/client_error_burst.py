"""A scanner looks for pages that are not there."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "client_error_burst"
_REQUESTS = 120
_NAMES = (
    "admin", "backup", "config", "database", "dump", "old", "phpmyadmin", "private",
    "server-status", "test", "tmp", "uploads", "users", "wp-admin", "wp-login", "xmlrpc", ".env",
    ".git/config",
)  # fmt: skip
_ENDINGS = ("", "/", ".php", ".bak", ".zip", ".sql", ".old", ".json", ".txt")


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(5)[dice.randrange(1, 31)]),
        user_agent=user_agents.GOBUSTER,
    )
    missing = [f"/{name}{ending}" for name in _NAMES for ending in _ENDINGS]
    visit = Visit(attacker, 0.0, dice)
    for path in dice.sample(missing, _REQUESTS):
        visit.get(path, (1.0, 3.4))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address asks for 120 pages that do not exist, within five minutes.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
