"""Suppression windows: times in which alerts are recorded, but nobody is told.

What Azure makes of one is in processing_rule.py, what a single value may be in window_values.py.
Pure: no pulumi, no I/O.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, NotRequired, TypedDict, cast

from components.alerts.window_values import CHECKS
from components.limits.letter_case import camel, snake
from components.limits.refusal import nearest

SEVERITIES = (2, 3, 4)
"""What is silenced unless a window says otherwise: urgent alerts still wake somebody."""

MAX_WINDOWS = 1000
"""Alert processing rules of one subscription ("Azure Monitor service limits")."""


class SuppressionWindow(TypedDict):
    """A time in which alerts are recorded, but nobody is told: once, or again and again."""

    name: str
    """Required. 1 to 40 letters, digits and hyphens; each name once."""
    start: NotRequired[str]
    """Conditional. First moment (2026-01-31T22:00:00, no Z); required unless it repeats, when it
    is refused."""
    end: NotRequired[str]
    """Conditional. Last moment (2026-02-01T06:00:00, no Z); as start."""
    time_zone: NotRequired[str]
    """Optional. Windows name of the time zone, such as W. Europe Standard Time; UTC by default."""
    repeats: NotRequired[str]
    """Optional. Daily, weekly or monthly, in lower case; once by default."""
    days: NotRequired[list[str]]
    """Conditional. Days of the week, such as Saturday; required with weekly."""
    month_days: NotRequired[list[int]]
    """Conditional. Days of the month, 1 to 31; required with monthly."""
    start_time: NotRequired[str]
    """Optional. Time of day (22:00) at which a repeated window opens; the whole day by default."""
    end_time: NotRequired[str]
    """Optional. Time of day (06:00) at which it closes, the next day if that is earlier."""
    severities: NotRequired[list[int]]
    """Optional. Severities that it silences; 2, 3 and 4 by default, so that urgent alerts pass."""
    description: NotRequired[str]
    """Optional. Why the window is there; none by default."""


class WindowProblem(NamedTuple):
    """A value that cannot work; `key` is a camelCase path such as `suppressionWindows[0].end`."""

    key: str
    value: object
    problem: str
    expectation: str

    def __str__(self) -> str:
        shown = "" if self.value is None else f" {self.value}"
        return f"{self.key}{shown} {self.problem}; {self.expectation}"


def read(
    given: object, key: str = "suppressionWindows"
) -> tuple[list[SuppressionWindow], list[WindowProblem]]:
    """Windows from a list of objects with camelCase keys, as a stack file has them.

    With problems, the windows are only what could be read.
    """
    if not isinstance(given, list):
        return [], [WindowProblem(key, None, "is no list", "expected a list of windows")]
    windows, found = [], []
    for number, each in enumerate(given):
        place = f"{key}[{number}]"
        if not isinstance(each, dict):
            found.append(WindowProblem(place, each, "is no object", "expected a window"))
            continue
        for name in sorted(each.keys() - _KEYS.keys()):
            expectation = nearest(str(name), _KEYS)
            found.append(WindowProblem(f"{place}.{name}", None, "is no setting", expectation))
        windows.append({snake(name): each[name] for name in each if name in _KEYS})
    typed = [cast(SuppressionWindow, each) for each in windows]
    return typed, found or problems(typed, key)


def problems(
    windows: Sequence[SuppressionWindow], key: str = "suppressionWindows"
) -> list[WindowProblem]:
    """Everything that cannot work; rules between values only when each value is sound."""
    found = []
    if len(windows) > MAX_WINDOWS:
        expectation = f"expected at most {MAX_WINDOWS}"
        found.append(WindowProblem(key, len(windows), "are too many", expectation))
    for number, window in enumerate(windows):
        place = f"{key}[{number}]"
        found += _single_values(place, window) or _across(place, window)
    seen: set[str] = set()
    for number, window in enumerate(windows):
        name = str(window.get("name", "")).lower()
        if name and name in seen:
            place = f"{key}[{number}].name"
            found.append(
                WindowProblem(place, window["name"], "is taken", "expected each name once")
            )
        seen.add(name)
    return found


def full_time(text: str) -> str:
    """A time of day with its seconds."""
    return text if len(text) == 8 else f"{text}:00"


def over_midnight(window: SuppressionWindow) -> bool:
    """Whether it closes on the day after it opens."""
    return full_time(window.get("end_time", "24:00")) < full_time(window.get("start_time", "00:00"))


def _single_values(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    if "name" not in window:
        return [WindowProblem(f"{place}.name", None, "is missing", "expected a name")]
    found = []
    for name, value in cast(Mapping[str, object], window).items():
        problem = CHECKS[name](value)
        if problem is not None:
            found.append(WindowProblem(f"{place}.{camel(name)}", value, *problem))
    return found


def _across(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    return [*_span_problems(place, window), *_repeat_problems(place, window)]


def _span_problems(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    """Once or repeated: with both, either of them may be what is meant, and nobody is told."""
    found = []
    given: Mapping[str, object] = cast(Mapping[str, object], window)
    for name in ("start", "end"):
        if name not in window and "repeats" not in window:
            expectation = "expected a date with a time, or repeats"
            found.append(WindowProblem(f"{place}.{name}", None, "is missing", expectation))
        elif name in window and "repeats" in window:
            expectation = "expected only without repeats"
            found.append(
                WindowProblem(f"{place}.{name}", given[name], "is not for this", expectation)
            )
    start, end = window.get("start"), window.get("end")
    if start is not None and end is not None and end <= start:
        expectation = f"expected later than {start}"
        found.append(WindowProblem(f"{place}.end", end, "is before the start", expectation))
    return found


def _repeat_problems(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    found = []
    given: Mapping[str, object] = cast(Mapping[str, object], window)
    repeats = window.get("repeats")
    owner = {"days": "weekly", "month_days": "monthly"}
    for name, wanted in owner.items():
        if repeats == wanted and name not in given:
            place_of = f"{place}.{camel(name)}"
            found.append(WindowProblem(place_of, None, "is missing", f"expected with {wanted}"))
        elif repeats != wanted and name in given:
            place_of, expectation = f"{place}.{camel(name)}", f"expected only with {wanted}"
            found.append(WindowProblem(place_of, given[name], "is not for this", expectation))
    times = [name for name in ("start_time", "end_time") if name in given]
    if times and repeats is None:
        place_of, expectation = f"{place}.{camel(times[0])}", "expected only with repeats"
        found.append(WindowProblem(place_of, given[times[0]], "is not for this", expectation))
    elif len(times) == 1:
        place_of, expectation = f"{place}.{camel(times[0])}", "expected both times, or none"
        found.append(WindowProblem(place_of, given[times[0]], "stands alone", expectation))
    elif times:
        found += _hour_problems(f"{place}.endTime", window)
    return found


def _hour_problems(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    end = window["end_time"]
    if full_time(end) == full_time(window["start_time"]):
        expectation = "expected another time; without times it is the whole day"
        return [WindowProblem(place, end, "is the start too", expectation)]
    if window.get("repeats") == "monthly" and over_midnight(window):
        expectation = "expected a later time: make the next morning a window of its own"
        return [WindowProblem(place, end, "is on the next day", expectation)]
    return []


_KEYS = {camel(name): check for name, check in CHECKS.items()}
