"""Patterns of a case: a few lines of YAML that stand for many log rows."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from components.limits.refusal import nearest
from lab.cases.case_lines import CaseLines

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
_SHOWN: Final = 40
LONGEST: Final = timedelta(days=5)
"""No window, and nothing before it that a rule looks at, is longer than that together."""

LONGEST_SPAN: Final = timedelta(days=31)
"""Of one duration: hunts look back further than alert rules can."""


class CaseError(ValueError):
    """A case that cannot be run; one line that names file, key and what is expected."""


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
    where: str = field(default="", compare=False)
    """File, line and key of the pattern, where somebody wrote one."""


def span(text: object, where: str) -> timedelta:
    """A duration such as 500ms, 5s, 10m, 1h."""
    found = _SPAN.fullmatch(str(text))
    if found is None:
        raise CaseError(
            f"duration {text!r} cannot be read; expected 500ms, 5s, 10m or 1h ({where})"
        )
    seconds = float(found[1]) * _SECONDS[found[2]]
    if seconds > LONGEST_SPAN.total_seconds():
        raise CaseError(
            f"duration {_short(text)} is too long; expected at most a month (744h) ({where})"
        )
    return timedelta(seconds=seconds)


def expand(
    patterns: object, where: str, lines: CaseLines | None = None, key: str = "events"
) -> list[CaseRow]:
    """Every row that the list of patterns under a key stands for; `where` is the file."""
    lines = lines or CaseLines()
    if not isinstance(patterns, list) or not patterns:
        raise CaseError(
            f"{key} {patterns!r} cannot be read; expected a list of patterns"
            f" ({lines.place(where, key)})"
        )
    rows: list[CaseRow] = []
    for number, pattern in enumerate(patterns):
        place = f"{lines.place(where, key, number)}: {key}[{number + 1}]"
        rows += _expanded(pattern, place, lines.within(key, number))
    return rows


def mapping(
    given: object, known: Iterable[str], where: str, lines: CaseLines | None = None
) -> dict[str, Any]:
    """The mapping itself, when each of its keys is known; `lines` are those of its keys."""
    lines = lines or CaseLines()
    known = list(known)
    if not isinstance(given, dict):
        raise CaseError(f"{given!r} is no mapping; expected keys {', '.join(known)} ({where})")
    for key in given:
        if key not in known:
            place = lines.place(where, str(key))
            raise CaseError(f"key {key!r} is unknown; {nearest(str(key), known)} ({place})")
    return given


def row(
    pattern: Mapping[str, Any],
    number: int,
    offset: timedelta,
    delay: timedelta,
    where: str,
    lines: CaseLines | None = None,
) -> CaseRow:
    """The row that a pattern stands for at its `number`-th time, from 1; `lines` are its own."""
    lines = lines or CaseLines()
    kinds = [kind for kind in _KINDS if kind in pattern]
    if len(kinds) != 1:
        raise CaseError(
            f"{len(kinds)} rows in a pattern; expected one of event, request, row ({where})"
        )
    kind = kinds[0]
    given = pattern[kind]
    if not isinstance(given, dict):
        raise CaseError(f"{kind} {given!r} is no mapping; expected names and values ({where})")
    values = {name: _at(value, number) for name, value in given.items()}
    if kind == "event":
        mapping(values, _LOGIN, f"{where}, event", lines.within(kind))
        return CaseRow(offset, delay, CONSOLE, _LOGIN | values, True, f"{where}, event")
    if kind == "request":
        return CaseRow(offset, delay, HTTP, _REQUEST | values, where=f"{where}, request")
    table = values.pop("_table", None)
    if not isinstance(table, str):
        raise CaseError(f"row has no table; expected _table: <name of a log table> ({where})")
    return CaseRow(offset, delay, table, values, where=f"{where}, row")


def of_kind(pattern: Mapping[str, Any], where: str, lines: CaseLines) -> str:
    """`where` with the line in which the pattern says what kind of row it is."""
    return next((lines.place(where, kind) for kind in _KINDS if kind in pattern), where)


def _expanded(pattern: object, where: str, lines: CaseLines) -> Iterator[CaseRow]:
    given = mapping(pattern, _KEYS, where, lines)
    times = given.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= _MOST:
        raise CaseError(
            f"times {times!r} is not allowed; expected 1 to {_MOST} ({lines.place(where, 'times')})"
        )
    first, every, delay = (
        span(given.get(key, "0s"), f"{lines.place(where, key)}, {key}")
        for key in ("at", "every", "delay")
    )
    where = of_kind(given, where, lines)
    for number in range(1, times + 1):
        yield row(given, number, first + every * (number - 1), delay, where, lines)


def _short(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _at(value: object, number: int) -> object:
    """A list is gone through in turn; `{i}` in a text is the number."""
    if isinstance(value, list) and value:
        value = value[(number - 1) % len(value)]
    return value.replace("{i}", str(number)) if isinstance(value, str) else value
