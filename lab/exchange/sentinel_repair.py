"""What of a public rule's query is written differently for an alert rule, line for line.

Each repair keeps the number of lines, so that what is wrong later is told by the line of the rule.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from components.limits.kql_text import masked
from lab.exchange import table_map

_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SPAN_LET: Final = re.compile(r"\blet\s+(\w+)\s*=\s*(\d+(?:\.\d+)?[dhms])\s*;")
_AGO: Final = re.compile(r"\bago\s*\(\s*(\w+)\s*\)")
_LITERAL: Final = re.compile(r"(\d+(?:\.\d+)?)([dhms])")
_BACK: Final = r"TimeGenerated\s*>=?\s*ago\s*\(\s*(\d+(?:\.\d+)?[dhms])\s*\)"
_ALONE: Final = re.compile(rf"\|\s*where\s+{_BACK}(?=\s*(?:\||;|\)|//|\n|\Z))")
_FIRST: Final = re.compile(rf"\bwhere\s+{_BACK}\s+and\s+")
_LATER: Final = re.compile(rf"\s+and\s+{_BACK}(?=\s*(?:\||;|\)|//|\n|\Z))")
_STAMP: Final = re.compile(
    r"\btimestamp\s*=\s*TimeGenerated\s*(,\s*)?|,\s*timestamp\s*=\s*TimeGenerated\b"
)
_EMPTY_EXTEND: Final = re.compile(r"\|\s*extend(?=\s*(?:\||;|\Z))")
_CALL: Final = re.compile(
    r"\b(" + "|".join(name for name in table_map.COUNTERPARTS if "uthentication" in name) + r")"
    r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)"
)
_ARGUMENT: Final = re.compile(r"\s*(\w+)\s*=\s*(.+?)\s*\Z", re.DOTALL)
_FILTERS: Final = {
    "eventresult": "EventResult",
    "targetusername": "TargetUsername",
    "srcipaddr": "SrcIpAddr",
}


Replace = Callable[[re.Match[str]], str | None]


class _Repaired:
    def __init__(self, body: str) -> None:
        self.body = body
        self.told: list[str] = []

    def sub(self, pattern: re.Pattern[str], replacement: str | Replace, told: str = "") -> None:
        """Replaces where the match begins in code, not in a comment or a text."""
        code = masked(self.body)
        parts, end = [], 0
        for found in pattern.finditer(self.body):
            if found.start() < end or code[found.start()] != self.body[found.start()]:
                continue
            new = replacement(found) if callable(replacement) else replacement
            if new is None or new == found[0]:
                continue
            lines = found[0].count("\n") - new.count("\n")
            parts += [self.body[end : found.start()], new, "\n" * lines]
            end = found.end()
        if parts:
            self.body = "".join([*parts, self.body[end:]])
            if told:
                self.told.append(told)


def repaired(body: str, window: timedelta | None) -> tuple[str, list[str]]:
    """The body as an alert rule takes it, and what was changed, one line each."""
    work = _Repaired(body)
    spans = dict(_SPAN_LET.findall(masked(body)))
    work.sub(
        _AGO,
        lambda found: f"ago({spans[found[1]]})" if found[1] in spans else None,
        "ago() of a let became ago() of its value; a log alert takes no other",
    )
    if window is not None:
        told = "a filter on TimeGenerated is left out; the window does it"
        for pattern, kept in ((_ALONE, ""), (_FIRST, "where "), (_LATER, "")):
            work.sub(pattern, _unless_shorter(window, kept), told)
    work.sub(
        _STAMP, "", "timestamp = TimeGenerated is left out; it is of entities without mappings"
    )
    work.sub(_EMPTY_EXTEND, "")
    work.sub(_CALL, _without_call)
    return work.body, list(dict.fromkeys(work.told))


def calls_refused(body: str) -> Iterator[str]:
    """Arguments of a parser that filter by what cannot be said here."""
    for found in _CALL.finditer(body):
        for argument in _arguments(found[2]):
            named = _ARGUMENT.match(argument)
            name = named[1].lower() if named else argument
            if name not in (*_FILTERS, "starttime", "endtime", "disabled", "pack"):
                yield f"argument {name!r} of {found[1]}() cannot be carried over"


def _unless_shorter(window: timedelta, kept: str) -> Replace:
    """A filter that looks back less than the window says something of its own, and stays."""
    return lambda found: kept if _length(found[1]) >= window else None


def _without_call(found: re.Match[str]) -> str:
    """A parser with filters as its rows and a `where`; times are the window's."""
    conditions = []
    for argument in _arguments(found[2]):
        named = _ARGUMENT.match(argument)
        if named and (column := _FILTERS.get(named[1].lower())):
            conditions.append(f"{column} == {named[2]}")
    return found[1] + "".join(f" | where {each}" for each in conditions)


def _arguments(text: str) -> list[str]:
    parts, depth, part = [], 0, ""
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += sign
    return [each for each in [*parts, part] if each.strip()]


def _length(text: str) -> timedelta:
    found = _LITERAL.fullmatch(text)
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]]) if found else timedelta(0)
