"""Patterns of a case: a few lines of YAML that stand for many log rows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from components.content.yaml_file import Yaml
from components.limits.refusal import NOWHERE, Place, Refusal, RefusedError

CONSOLE: Final = "AppServiceConsoleLogs"
HTTP: Final = "AppServiceHTTPLogs"

_BROWSER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
_LOGIN: Final[dict[str, object]] = {
    "EventType": "Logon",
    "EventResult": "Failure",
    "EventResultDetails": "",
    "EventOriginalResultDetails": "",
    "TargetUsername": "anna",
    "SrcIpAddr": "192.0.2.10",
    "SrcPortNumber": 50123,
    "HttpUserAgent": _BROWSER,
    "TargetAppName": "login-app",
    "EventOriginalUid": "",
    **dict.fromkeys(
        (
            "EventSchema",
            "EventSubType",
            "EventCount",
            "TargetSessionId",
            "ActorUsername",
            "LogonMethod",
            "SameWrongPassword",
            "PasswordKnownLeaked",
            "FamiliarPlace",
        ),
        "",
    ),
}
"""A login event that says nothing of its own: a wrong password."""

_REQUEST: Final[dict[str, object]] = {
    "CIp": "192.0.2.10",
    "CsMethod": "GET",
    "CsHost": "login.example.com",
    "CsUriStem": "/",
    "CsUriQuery": "",
    "ScStatus": 200,
    "UserAgent": _BROWSER,
    "Referer": "",
    "Cookie": "",
    "SPort": "443",
    "Result": "Success",
}
"""A request that says nothing of its own: somebody reads the front page."""

_KINDS: Final = ("event", "request", "row")
_KEYS: Final = ("at", "every", "times", "delay", *_KINDS)
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_MOST: Final = 100_000
LONGEST: Final = timedelta(days=5)
"""No window, and nothing before it that a rule looks at, is longer than that together."""

LONGEST_SPAN: Final = timedelta(days=31)
"""Of one duration: hunts look back further than alert rules can."""


@dataclass(frozen=True)
class CaseRow:
    """A row to be: when it is generated and how much later it arrives, from the case's start.

    A login event (`event`) is not yet the line that the app would print for it.
    """

    offset: timedelta
    delay: timedelta
    table: str
    values: Mapping[str, Any]
    event: bool = False
    where: Place = field(default=NOWHERE, compare=False)
    """The pattern, where somebody wrote one."""

    def refused(self, refusal: Refusal, file: str) -> Refusal:
        """What is wrong with the row, said of the pattern in the file that it comes from."""
        where = self.where if self.where.file else Place(file)
        told = replace(where, resource=refusal.where.resource, key=refusal.where.key)
        return replace(refusal, where=told.below(where.key) if where.key else told)


def span(text: object, where: Place) -> timedelta:
    """A duration such as 500ms, 5s, 10m, 1h."""
    found = _SPAN.fullmatch(str(text))
    if found is None:
        expected = "expected a duration: 500ms, 5s, 10m or 1h"
        raise RefusedError(Refusal(where, "cannot be read", expected, text))
    seconds = float(found[1]) * _SECONDS[found[2]]
    if seconds > LONGEST_SPAN.total_seconds():
        raise RefusedError(Refusal(where, "is too long", "expected at most a month (744h)", text))
    return timedelta(seconds=seconds)


def expand(patterns: Yaml) -> list[CaseRow]:
    """Every row that a list of patterns stands for."""
    if not isinstance(patterns.value, list) or not patterns.value:
        expected = "expected a list of patterns"
        raise RefusedError(Refusal(patterns.where(), "cannot be read", expected, patterns.value))
    return [row for number in range(len(patterns.value)) for row in _expanded(patterns.at(number))]


def row(
    pattern: Mapping[str, Any],
    number: int,
    offset: timedelta,
    delay: timedelta,
    source: Yaml,
    where: Place | None = None,
) -> CaseRow:
    """The row that a pattern stands for at its `number`-th time, from 1.

    `source` is the pattern as it is written, `where` what is to blame for the row where that is
    not the pattern itself.
    """
    kinds = [kind for kind in _KINDS if kind in pattern]
    if len(kinds) != 1:
        expected = f"expected one of {', '.join(_KINDS)}"
        raise RefusedError(Refusal(source.where(), f"has {len(kinds)} rows", expected))
    kind = kinds[0]
    given = pattern[kind]
    if not isinstance(given, dict):
        expected = "expected names and values"
        raise RefusedError(Refusal(source.where(kind), "is not a mapping", expected, given))
    values = {name: _at(value, number) for name, value in given.items()}
    where = where or source.where(kind)
    if kind == "event":
        if refusals := replace(source.at(kind), value=values).unknown_keys(_LOGIN):
            raise RefusedError(*refusals)
        return CaseRow(offset, delay, CONSOLE, _LOGIN | values, True, where)
    if kind == "request":
        return CaseRow(offset, delay, HTTP, _REQUEST | values, where=where)
    table = values.pop("_table", None)
    if not isinstance(table, str):
        expected = "expected _table: <name of a log table>"
        raise RefusedError(Refusal(source.where(kind), "has no table", expected))
    return CaseRow(offset, delay, table, values, where=where)


def _expanded(pattern: Yaml) -> Iterator[CaseRow]:
    given = pattern.mapping(_KEYS)
    times = given.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= _MOST:
        expected = f"expected 1 to {_MOST}"
        raise RefusedError(Refusal(pattern.where("times"), "is not allowed", expected, times))
    first, every, delay = (
        span(given.get(key, "0s"), pattern.where(key)) for key in ("at", "every", "delay")
    )
    for number in range(1, times + 1):
        yield row(given, number, first + every * (number - 1), delay, pattern)


def _at(value: object, number: int) -> object:
    """A list is gone through in turn; `{i}` in a text is the number."""
    if isinstance(value, list) and value:
        value = value[(number - 1) % len(value)]
    return value.replace("{i}", str(number)) if isinstance(value, str) else value
