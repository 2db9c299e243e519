"""What the log store holds when a rehearsal begins: the day before, as if the app had run then.

Detections that compare with yesterday need one. It was a Sunday: the office is closed, people at
home and on the way and the owner's monitor sign in, at the very hours of the rehearsal. The rows
are not made by the app, they follow from what the ordinary visitors of traffic/ do; the login
events pass the app's own serializer.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from lab.azure import Azure
from lab.azure.web.app_service import Hosted
from lab.play import visitor_rows
from lab.play.visitor_rows import BEAT, App
from traffic import ordinary
from traffic.layout import Layout
from traffic.ordinary import (
    crawler,
    forgetful,
    health_probe,
    home_users,
    mobile,
    searchers,
    uptime_monitor,
)
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visitor import Visitor

AGO: Final = timedelta(days=1)
HOURS: Final = 6.0
BEATS: Final = timedelta(hours=1)
"""For so long before the rehearsal there are heartbeats: nobody came, but lines arrived."""

_ON_SUNDAYS: Final = frozenset(
    kind.KIND
    for kind in (
        *(home_users, forgetful, mobile, searchers),
        *(crawler, health_probe, uptime_monitor),
    )
)


def write(azure: Azure, hosted: Hosted, people: Sequence[Person], seed: int, layout: Layout) -> int:
    """How many rows were written; none where a category goes nowhere."""
    now = azure.clock.now
    site = hosted.site.settings
    name = str(site.app_settings.get("APP_NAME", "login-app"))
    tables = visitor_rows.rows(
        App(site.resource_id, site.host_name, name, layout),
        now - AGO,
        _scenarios(people, seed),
        people,
        [now - BEATS + BEAT * number for number in range(1, BEATS // BEAT)],
    )
    return sum(
        azure.ingestion.backfill(site.resource_id, table, rows) for table, rows in tables.items()
    )


def signed_in(people: Sequence[Person], seed: int) -> list[tuple[Visitor, str]]:
    """Who got in the day before, from where, with which account; each account once."""
    right = {person.username: person.password for person in people}
    found: dict[str, Visitor] = {}
    for scenario in _scenarios(people, seed):
        for visitor, action in scenario.steps():
            if action.kind == "login" and right.get(action.username) == action.password:
                found.setdefault(action.username, visitor)
    return [(visitor, username) for username, visitor in found.items()]


def _scenarios(people: Sequence[Person], seed: int) -> list[Scenario]:
    made = ordinary.compose(seed + 1, people, HOURS)
    return [each for each in made if each.slug in _ON_SUNDAYS]
