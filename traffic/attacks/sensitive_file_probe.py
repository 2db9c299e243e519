"""Somebody looks for files that were left where the web server serves them."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "sensitive_file_probe"
PATHS = (
    "/.env", "/.git/config", "/.aws/credentials", "/backup.zip", "/db.sql.gz", "/config.php.bak",
    "/id_rsa", "/wp-login.php", "/phpmyadmin/", "/phpinfo.php", "/actuator/env", "/server-status",
)  # fmt: skip


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people; too few requests for a burst of errors."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[dice.randrange(11, 21)]),
        user_agent=user_agents.DESKTOP[3],
    )
    visit = Visit(attacker, 0.0, dice)
    for path in dice.sample(PATHS, len(PATHS)):
        visit.get(path, (10.0, 30.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address asks for a dozen files that no link leads to, within minutes.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
