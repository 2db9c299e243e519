"""What the log store holds when a rehearsal begins: the day before, as if the app had run then.

Detections that compare with yesterday need one. It was a Sunday: the office is closed, people at
home and on the way and the owner's monitor sign in, at the very hours of the rehearsal. The rows
are not made by the app, they follow from what the ordinary visitors of traffic/ do; the login
events pass the app's own serializer.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lab.azure import Azure
from lab.azure.web.app_service import Hosted
from lab.logs import login_lines
from lab.logs.app_service_row import INSTANCE, row
from traffic import ordinary
from traffic.action import Action
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

BEAT: Final = timedelta(minutes=5)
CONSOLE, HTTP = "AppServiceConsoleLogs", "AppServiceHTTPLogs"
_ON_SUNDAYS: Final = frozenset(
    kind.KIND
    for kind in (
        *(home_users, forgetful, mobile, searchers),
        *(crawler, health_probe, uptime_monitor),
    )
)
_PAGES: Final = frozenset({"/", "/login", "/health"})


@dataclass(frozen=True)
class _Done:
    """One request of yesterday, and the login event that it made."""

    at: datetime
    visitor: Visitor
    method: str
    target: str
    status: int
    event: dict[str, Any] | None = None


def write(azure: Azure, hosted: Hosted, people: Sequence[Person], seed: int, layout: Layout) -> int:
    """How many rows were written; none where a category goes nowhere."""
    start = azure.clock.now - AGO
    done = sorted(_done(start, people, seed), key=lambda each: each.at)
    signed = [each for each in done if each.event is not None]
    lines = login_lines.lines([(each.at, each.event or {}) for each in signed])
    beats = [azure.clock.now - BEATS + BEAT * number for number in range(1, BEATS // BEAT)]
    name = str(hosted.site.settings.app_settings.get("APP_NAME", "login-app"))
    console = list(zip((each.at for each in signed), lines, strict=True))
    console += list(zip(beats, login_lines.heartbeats(beats, name), strict=True))
    site = hosted.site.settings.resource_id
    tables = {
        CONSOLE: [_console_row(site, at, line) for at, line in console],
        HTTP: [_http_row(site, hosted.site.settings.host_name, each, layout) for each in done],
    }
    return sum(azure.ingestion.backfill(site, table, rows) for table, rows in tables.items())


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


def _done(start: datetime, people: Sequence[Person], seed: int) -> Iterator[_Done]:
    passwords = {person.username: person.password for person in people}
    for scenario in _scenarios(people, seed):
        inside: set[str] = set()
        for visitor, action in scenario.steps():
            at = start + timedelta(seconds=action.at)
            yield from _requests(at, visitor, action, passwords, inside)


def _requests(
    at: datetime,
    visitor: Visitor,
    action: Action,
    passwords: dict[str, str],
    inside: set[str],
) -> Iterator[_Done]:
    """What the app would have answered; a browser fetches the form before it posts it."""
    if action.kind == "login":
        known, right = action.username in passwords, passwords.get(action.username)
        succeeded = known and right == action.password
        details = "" if succeeded else "Incorrect password" if known else "No such user"
        if succeeded:
            inside.add(visitor.jar)
        yield _Done(at, visitor, "GET", "/login", 200)
        event = _event(at, visitor, "Logon", action.username, details)
        yield _Done(at, visitor, "POST", "/login", 302 if succeeded else 401, event)
    elif action.kind == "logout":
        inside.discard(visitor.jar)
        yield _Done(at, visitor, "POST", "/logout", 302)
    else:
        page = action.path.partition("?")[0]
        status = 200 if page in _PAGES else 404
        if page == "/account":
            status = 200 if visitor.jar in inside else 302
        yield _Done(at, visitor, action.method, action.path, status)


def _event(
    at: datetime, visitor: Visitor, kind: str, username: str, details: str
) -> dict[str, Any]:
    return {
        "EventType": kind,
        "EventResult": "Failure" if details else "Success",
        "EventResultDetails": details,
        "TargetUsername": username,
        "SrcIpAddr": visitor.address,
        "SrcPortNumber": 50123,
        "HttpUserAgent": visitor.user_agent,
        "TargetAppName": "login-app",
        "EventOriginalUid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{at} {visitor.key} {username}")),
    }


def _console_row(site: str, at: datetime, line: str) -> dict[str, Any]:
    return row(
        CONSOLE,
        site,
        at,
        Category=CONSOLE,
        Host=INSTANCE,
        Level="Informational",
        OperationName="Microsoft.Web/sites/log",
        ResultDescription=line,
    )


def _http_row(site: str, host: str, done: _Done, layout: Layout) -> dict[str, Any]:
    stem, _, query = layout.path(done.target).partition("?")
    return row(
        HTTP,
        site,
        done.at,
        CsMethod=done.method,
        CsUriStem=stem,
        CsUriQuery=query,
        CsHost=host,
        CIp=done.visitor.address,
        SPort="443",
        UserAgent=done.visitor.user_agent,
        ScStatus=done.status,
        CsBytes=700,
        ScBytes=2600,
        TimeTaken=20,
        Result="Success",
        ComputerName=INSTANCE,
    )
