"""A scanner puts SQL statements where pages expect values."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "sql_statement_probe"

PROBES = (
    "/item?id=1%20union%20select%20null,null--",
    "/item?id=1;drop%20table%20users--",
    "/item?id=(select%20count(*)%20from%20information_schema.tables)",
    "/item?id=1%20and%20sleep(5)",
)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in, and calls itself a browser."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[10]),
        user_agent=user_agents.DESKTOP[0],
    )
    visit = Visit(attacker, 0.0, dice)
    for path in ("/", "/login"):
        visit.get(path, (0.5, 2.0))
    for path in dice.sample(PROBES, len(PROBES)):
        visit.get(path, (4.0, 12.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="A scanner sends unions, second statements, subqueries and waits.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
