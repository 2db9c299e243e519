"""People who read a page of somebody else's that makes their browsers knock here."""

from collections.abc import Sequence
from random import Random
from urllib.parse import urlencode

from traffic import addresses, user_agents
from traffic.action import Action
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "foreign_page"
VISITORS = 2
_POSTS = 40
_FIRST_HOUSEHOLD = 170
# What a browser adds by itself, and no page can change.
_SENT_ALONG = (
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Origin", "https://news.example.net"),
    ("Referer", "https://news.example.net/"),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Mode", "no-cors"),
    ("Sec-Fetch-Site", "cross-site"),
)


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """Each browser posts forty names that the page has chosen; then its owner signs in."""
    dice = chance(KIND, seed)
    visits = []
    for number, person in enumerate(share(people, 0, VISITORS)):
        visitor = Visitor(
            f"{KIND}-{number}",
            addresses.home(_FIRST_HOUSEHOLD + number),
            dice.choice(user_agents.DESKTOP),
        )
        visit = Visit(visitor, round(dice.uniform(0, 900), 3), dice)
        for _ in range(_POSTS):
            _post(visit, dice)
        visit.now += dice.uniform(60, 600)
        visit.get("/login")
        visit.sign_in(person)
        visits.append(visit)
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description=f"A page of another site posts {_POSTS} sign-ins from the browsers of "
        f"{VISITORS} visitors, who know nothing of it and sign in later.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order((action for visit in visits for action in visit.actions), hours * 3600),
    )


def _post(visit: Visit, dice: Random) -> None:
    visit.now = round(visit.now + dice.uniform(0.3, 1.5), 3)
    name = f"user{dice.randrange(10_000)}"
    visit.actions.append(
        Action(
            at=visit.now,
            visitor=visit.visitor.key,
            kind="request",
            path="/login",
            method="POST",
            headers=_SENT_ALONG,
            data=urlencode({"username": name, "password": "x"}),
        )
    )
