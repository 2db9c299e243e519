"""People who search for words that look like SQL to a hasty rule."""

from collections.abc import Sequence
from math import ceil

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "searchers"
QUERIES = (
    "/?q=O'Brien",
    "/?q=d%27Artagnan",
    "/?q=O%E2%80%99Neill",
    "/?q=select+a+plan",
    "/?q=union+square",
    "/?q=student%20union%20election",
    "/?q=drop+me+a+line",
    "/?q=how+to+update+my+account",
    "/?q=tables+and+chairs%3B+delivery",
    "/?q=black+or+white",
    "/?q=100%25+cotton",
    "/?q=insert%20coin",
    "/?q=where+is+the+order+from+last+week",
    "/?q=rock%20%26%20roll%20--%20live",
    "/search?q=rock'n'roll",
    "/search?q=delete+my+data",
    "/login?next=/account",
)
_SEARCHERS = 24
_FIRST_HOUSEHOLD = 100


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """Nobody signs in: a few searches per visit and hour."""
    dice = chance(KIND, seed)
    visits = []
    for number in range(_SEARCHERS):
        agent = dice.choice(user_agents.DESKTOP + user_agents.PHONE)
        for hour in range(ceil(hours)):
            visitor = Visitor(
                f"{KIND}-{number:02}-{hour:02}", addresses.home(_FIRST_HOUSEHOLD + number), agent
            )
            visit = Visit(visitor, hour * 3600 + round(dice.uniform(0, 3300), 3), dice)
            visit.get("/", (0, 1))
            for path in dice.sample(QUERIES, dice.randrange(3, 9)):
                visit.get(path)
            visits.append(visit)
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description="People search for O'Brien, union square, select a plan: words, not SQL.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order((action for visit in visits for action in visit.actions), hours * 3600),
    )
