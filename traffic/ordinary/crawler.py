"""A polite search engine."""

from collections.abc import Sequence
from math import ceil

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "crawler"
_DEAD_LINKS = ("/blog", "/about.html", "/news/2019/12/hello", "/contact", "/products?id=12")
_BETWEEN_PAGES = (15, 40)


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """Two rounds an hour, a page every half minute or so; knows links that are long dead."""
    dice = chance(KIND, seed)
    bot = Visitor(KIND, addresses.CRAWLER, user_agents.CRAWLER)
    visits = []
    for round_number in range(ceil(hours * 2)):
        visit = Visit(bot, round_number * 1800 + round(dice.uniform(30, 600), 3), dice)
        visit.get("/robots.txt", (0, 1))
        for path in ("/sitemap.xml", "/favicon.ico", "/", "/login"):
            visit.get(path, _BETWEEN_PAGES)
        for path in dice.sample(_DEAD_LINKS, 3):
            visit.get(path, _BETWEEN_PAGES)
        visits.append(visit)
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description="A polite bot reads robots.txt, the public pages and a few dead links.",
        visitors=(bot,),
        actions=in_order((action for visit in visits for action in visit.actions), hours * 3600),
    )
