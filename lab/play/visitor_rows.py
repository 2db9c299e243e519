"""The log rows of ordinary visitors, as if the app had served them: no app runs, nobody waits.

The rows follow from what the visitors of traffic/ do and what the app answers to that; the login
events pass the app's own serializer.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from lab.logs import login_lines
from lab.logs.app_service_row import INSTANCE, row
from traffic.action import Action
from traffic.layout import Layout
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visitor import Visitor

BEAT: Final = timedelta(minutes=5)
"""From one heartbeat of the app to the next."""

CONSOLE, HTTP = "AppServiceConsoleLogs", "AppServiceHTTPLogs"
_PAGES: Final = frozenset({"/", "/login", "/health"})


@dataclass(frozen=True)
class App:
    """Whose rows they are: the site's resource id, its host name, the name in its heartbeats, and
    where its pages lie.
    """

    resource_id: str
    host: str
    name: str = "login-app"
    layout: Layout = field(default_factory=Layout)


@dataclass(frozen=True)
class _Done:
    """One request, and the login event that it made."""

    at: datetime
    visitor: Visitor
    method: str
    target: str
    status: int
    event: dict[str, Any] | None = None


def rows(
    app: App,
    start: datetime,
    scenarios: Sequence[Scenario],
    people: Sequence[Person],
    beats: Sequence[datetime],
) -> dict[str, list[dict[str, Any]]]:
    """By table, in order of time: the requests and events from `start` on, and the heartbeats."""
    done = sorted(_done(start, scenarios, people), key=lambda each: each.at)
    signed = [each for each in done if each.event is not None]
    lines = login_lines.lines([(each.at, each.event or {}) for each in signed])
    console = list(zip((each.at for each in signed), lines, strict=True))
    console += list(zip(beats, login_lines.heartbeats(beats, app.name), strict=True))
    return {
        CONSOLE: [_console_row(app.resource_id, at, line) for at, line in sorted(console)],
        HTTP: [_http_row(app, each) for each in done],
    }


def _done(
    start: datetime, scenarios: Sequence[Scenario], people: Sequence[Person]
) -> Iterator[_Done]:
    passwords = {person.username: person.password for person in people}
    for scenario in scenarios:
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


def _http_row(app: App, done: _Done) -> dict[str, Any]:
    stem, _, query = app.layout.path(done.target).partition("?")
    return row(
        HTTP,
        app.resource_id,
        done.at,
        CsMethod=done.method,
        CsUriStem=stem,
        CsUriQuery=query,
        CsHost=app.host,
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
