"""Lint of a detection's times: what its query does to the window, and whether the window is long
enough for rows that come late."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from components.limits.alert_rule import duration
from lab.check.finding import Finding
from lab.check.query import Query

# A burst of ten minutes has to lie inside one window at some evaluation, although its rows arrive
# minutes later (Azure: 3 to 10) and evaluations do not wait for it.
BURST: Final = timedelta(minutes=10)
EARLIEST_ARRIVAL: Final = timedelta(minutes=3)
LATEST_ARRIVAL: Final = timedelta(minutes=10)

_UNITS: Final = {
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("m", "min", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("s", "sec", "second", "seconds"), timedelta(seconds=1)),
    "ms": timedelta(milliseconds=1),
}
_SPAN: Final = r"(\d+(?:\.\d+)?)([a-z]+)"
_BACK: Final = re.compile(rf"\bago\s*\(\s*{_SPAN}\s*\)|\bnow\s*\(\s*\)\s*-\s*{_SPAN}")
_COMPARED: Final = re.compile(r"\bTimeGenerated\s*(>=?|<=?|between\b)\s*")
_FIXED: Final = re.compile(r"\(?\s*datetime\s*\(")
_IN_PIPE: Final = (
    "expected the window to do it: leave the filter out, or change `window` in the head"
)


def check(query: Query) -> list[Finding]:
    """What is wrong with the times of a detection."""
    window = _duration(query.head.get("window"))
    if window is None:
        return []
    return [*_look_backs(query, window), *_filters(query, window), *_length(query, window)]


def _look_backs(query: Query, window: timedelta) -> Iterator[Finding]:
    """Whatever it is for, no row is older than the window."""
    for found in _BACK.finditer(query.code):
        span = _span(found)
        if span is not None and span > window:
            yield _unlike(
                query,
                found.start(),
                len(found[0]),
                f"{found[0]} looks back further than the window ({query.head['window']}),"
                " and there are no such rows",
                f"expected {_wanted(span)}, or a query for kql/hunting",
            )


def _filters(query: Query, window: timedelta) -> Iterator[Finding]:
    for found in _COMPARED.finditer(query.code):
        rest = query.code[found.end() :]
        back = _BACK.match(rest)
        span = _span(back) if back else None
        if not _in_where(query.code, found.start()):
            continue
        if _FIXED.match(rest):
            what = f"{_line_end(query.code, found.start())} names a moment of its own"
            yield _unlike(query, found.start(), len(found[0]), what, _IN_PIPE)
        elif back and span == window and found[1].startswith(">"):
            what = f"the filter says once more what the window ({query.head['window']}) says"
            width = len(found[0]) + len(back[0])
            yield _unlike(query, found.start(), width, what, _IN_PIPE)
        elif back and span and span < window and found[1].startswith(">") and _alone(query, back):
            what = f"{back[0]} is shorter than the window ({query.head['window']})"
            width = len(found[0]) + len(back[0])
            yield _unlike(query, found.start(), width, what, _IN_PIPE)


def _alone(query: Query, back: re.Match[str]) -> bool:
    """Whether nothing looks at the other side of that moment, as a comparison with before does."""
    moment = r"\s*".join(map(re.escape, re.findall(r"\w+|\W", back[0].replace(" ", ""))))
    return not re.search(rf"\bTimeGenerated\s*<=?\s*{moment}", query.code)


def _in_where(code: str, offset: int) -> bool:
    """Whether the operator that a place belongs to is `where`, so that rows go away."""
    operators = re.findall(r"(?:\||^|;)\s*([a-z][a-z-]*)", code[:offset])
    return bool(operators) and operators[-1] == "where"


def _length(query: Query, window: timedelta) -> Iterator[Finding]:
    frequency = _duration(query.head.get("frequency"))
    shortest = 2 * LATEST_ARRIVAL
    if window < shortest:
        yield query.at_head(
            "window",
            "window-shorter-than-delay",
            f"window {query.head['window']} is less than twice the usual ingestion delay"
            " (up to 10 minutes)",
            "expected PT30M or more",
        )
    elif frequency is not None and window < BURST + EARLIEST_ARRIVAL + frequency:
        yield query.at_head(
            "window",
            "window-splits-bursts",
            f"window {query.head['window']} cannot hold a burst of 10 minutes that arrives"
            f" 3 minutes late, looked at every {query.head['frequency']}",
            "expected a longer window, or a shorter frequency",
        )


def _unlike(query: Query, offset: int, width: int, what: str, instead: str) -> Finding:
    return query.at(offset, width, "lookback-unlike-window", what, instead)


def _line_end(code: str, offset: int) -> str:
    return " ".join(code[offset : offset + 60].split("\n")[0].split())


def _span(found: re.Match[str]) -> timedelta | None:
    number, unit = [each for each in found.groups() if each][:2]
    return float(number) * _UNITS[unit] if unit in _UNITS else None


def _wanted(span: timedelta) -> str:
    return "`window: P2D` at most" if span > timedelta(days=2) else "a longer `window` in the head"


def _duration(text: object) -> timedelta | None:
    try:
        return duration(str(text))
    except ValueError:
        return None
