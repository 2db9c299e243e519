"""Suppression windows: times in which alerts are recorded, but nobody is told.

Azure's word for what is made of one is an alert processing rule that removes all action groups
("Alert processing rules", learn.microsoft.com; ARM type Microsoft.AlertsManagement/actionRules).
Pure: no pulumi, no I/O.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple, NotRequired, TypedDict, cast

from tzlocal.windows_tz import tz_win, win_tz

from components.kql_file import nearest

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
REPEATS = ("daily", "weekly", "monthly")
SEVERITIES = (2, 3, 4)
"""What is silenced unless a window says otherwise: urgent alerts still wake somebody."""

MAX_WINDOWS = 1000
"""Alert processing rules of one subscription ("Azure Monitor service limits")."""

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", re.ASCII)
_OFFSET = re.compile(r"(?i)(Z|[+-]\d{2}:?\d{2})")
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?")
_LAST_SECOND = "23:59:59"


class SuppressionWindow(TypedDict):
    """A time in which alerts are recorded, but nobody is told: once, or again and again."""

    name: str
    """Required. 1 to 40 letters, digits and hyphens; each name once."""
    start: NotRequired[str]
    """Conditional. First moment (2026-01-31T22:00:00, no Z); required unless it repeats."""
    end: NotRequired[str]
    """Conditional. Last moment (2026-02-01T06:00:00, no Z); required unless it repeats."""
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
        windows.append({_snake(name): each[name] for name in each if name in _KEYS})
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


def rule_properties(window: SuppressionWindow, scopes: Sequence[Any]) -> dict[str, Any]:
    """`properties` of the AlertProcessingRuleByName, in the SDK's snake case."""
    levels = sorted(int(each) for each in window.get("severities", SEVERITIES))
    return {
        "scopes": list(scopes),
        "enabled": True,
        "description": window.get("description") or _summary(window),
        "conditions": [
            {
                "field": "Severity",
                "operator": "Equals",
                "values": [f"Sev{each}" for each in levels],
            }
        ],
        "schedule": _schedule(window),
        "actions": [{"action_type": "RemoveAllActionGroups"}],
    }


def _schedule(window: SuppressionWindow) -> dict[str, Any]:
    schedule: dict[str, Any] = {"time_zone": window.get("time_zone", "UTC")}
    if "start" in window:
        schedule["effective_from"] = window["start"]
    if "end" in window:
        schedule["effective_until"] = window["end"]
    if "repeats" in window:
        schedule["recurrences"] = _recurrences(window)
    return schedule


def _recurrences(window: SuppressionWindow) -> list[dict[str, Any]]:
    """One, or two for a weekly window over midnight.

    A daily window may end the next morning (Microsoft, "Alert processing rules": a recurrence
    "daily from the afternoon until the morning"). Whose day the morning of a weekly one is, is not
    said: it is given by itself, so that it means the same either way; the second before midnight
    is then the only gap.
    """
    kind = window["repeats"].capitalize()
    days: dict[str, Any] = {}
    if "days" in window:
        days["days_of_week"] = list(window["days"])
    if "month_days" in window:
        days["days_of_month"] = [int(each) for each in window["month_days"]]
    hours: dict[str, Any] = {}
    if "start_time" in window and "end_time" in window:
        hours = {"start_time": _full(window["start_time"]), "end_time": _full(window["end_time"])}
    if not _over_midnight(window) or kind == "Daily":
        return [{"recurrence_type": kind, **days, **hours}]
    mornings = [WEEKDAYS[(WEEKDAYS.index(each) + 1) % 7] for each in window["days"]]
    return [
        {"recurrence_type": kind, **days, **hours, "end_time": _LAST_SECOND},
        {
            "recurrence_type": kind,
            "days_of_week": mornings,
            "start_time": "00:00:00",
            "end_time": hours["end_time"],
        },
    ]


def _summary(window: SuppressionWindow) -> str:
    levels = ", ".join(str(int(each)) for each in window.get("severities", SEVERITIES))
    return f"Suppression window {window['name']}: nobody is told of alerts of severity {levels}."


def _full(text: str) -> str:
    return text if len(text) == 8 else f"{text}:00"


def _over_midnight(window: SuppressionWindow) -> bool:
    return _full(window.get("end_time", "24:00")) < _full(window.get("start_time", "00:00"))


def _single_values(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    if "name" not in window:
        return [WindowProblem(f"{place}.name", None, "is missing", "expected a name")]
    found = []
    for name, value in cast(Mapping[str, object], window).items():
        problem = _CHECKS[name](value)
        if problem is not None:
            found.append(WindowProblem(f"{place}.{_camel(name)}", value, *problem))
    return found


_Refusal = tuple[str, str] | None
"""What is wrong and what is expected."""


def _check_name(value: object) -> _Refusal:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return None
    return "is no name", "expected 1 to 40 letters, digits and hyphens"


def _check_moment(value: object) -> _Refusal:
    expectation = "expected YYYY-MM-DDTHH:MM:SS; the zone is said by timeZone"
    found = _MOMENT.match(value) if isinstance(value, str) else None
    if not isinstance(value, str) or found is None:
        return "is no date with a time", expectation
    if rest := value[found.end() :]:
        zoned = _OFFSET.fullmatch(rest)
        return "carries a time zone" if zoned else "is no date with a time", expectation
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "is not in the calendar", expectation
    return None


def _check_time(value: object) -> _Refusal:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            time.fromisoformat(value)
        except ValueError:
            pass
        else:
            return None
    return "is no time of day", "expected HH:MM or HH:MM:SS, 00:00 to 23:59:59"


def _check_zone(value: object) -> _Refusal:
    if isinstance(value, str) and value in win_tz:
        return None
    if isinstance(value, str) and value in tz_win:
        return "is an IANA name, which Azure does not take", f"expected {tz_win[value]!r}"
    hint = nearest(str(value), win_tz)
    known = hint if hint.startswith("did") else "expected a name such as W. Europe Standard Time"
    return "is no time zone of Windows", known


def _check_repeats(value: object) -> _Refusal:
    return None if value in REPEATS else ("is not offered", f"expected one of {', '.join(REPEATS)}")


def _check_days(value: object) -> _Refusal:
    if not isinstance(value, list) or not value:
        return "names no day", f"expected some of {', '.join(WEEKDAYS)}"
    for each in value:
        if each not in WEEKDAYS:
            return f"has the day {each!r}", nearest(str(each), WEEKDAYS)
    return _once(value)


def _check_month_days(value: object) -> _Refusal:
    if not isinstance(value, list) or not value:
        return "names no day", "expected some of 1 to 31"
    for each in value:
        if not _is_whole(each, 1, 31):
            return f"has the day {each!r}", "expected 1 to 31"
    return _once(value)


def _check_severities(value: object) -> _Refusal:
    if not isinstance(value, list) or not value:
        return "names no severity", "expected some of 0 to 4"
    for each in value:
        if not _is_whole(each, 0, 4):
            return f"has the severity {each!r}", "expected 0 to 4"
    return _once(value)


def _check_description(value: object) -> _Refusal:
    return None if isinstance(value, str) else ("is no text", "expected a sentence")


def _once(values: list[Any]) -> _Refusal:
    return None if len(set(values)) == len(values) else ("has one twice", "expected each once")


def _is_whole(value: object, low: int, high: int) -> bool:
    """Programs in other languages reach us with every number as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return low <= value <= high and float(value).is_integer()


_CHECKS = {
    "name": _check_name,
    "start": _check_moment,
    "end": _check_moment,
    "time_zone": _check_zone,
    "repeats": _check_repeats,
    "days": _check_days,
    "month_days": _check_month_days,
    "start_time": _check_time,
    "end_time": _check_time,
    "severities": _check_severities,
    "description": _check_description,
}


def _across(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    return [*_span_problems(place, window), *_repeat_problems(place, window)]


def _span_problems(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    found = []
    for name in ("start", "end"):
        if name not in window and "repeats" not in window:
            expectation = "expected a date with a time, or repeats"
            found.append(WindowProblem(f"{place}.{name}", None, "is missing", expectation))
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
            place_of = f"{place}.{_camel(name)}"
            found.append(WindowProblem(place_of, None, "is missing", f"expected with {wanted}"))
        elif repeats != wanted and name in given:
            place_of, expectation = f"{place}.{_camel(name)}", f"expected only with {wanted}"
            found.append(WindowProblem(place_of, given[name], "is not for this", expectation))
    times = [name for name in ("start_time", "end_time") if name in given]
    if times and repeats is None:
        place_of, expectation = f"{place}.{_camel(times[0])}", "expected only with repeats"
        found.append(WindowProblem(place_of, given[times[0]], "is not for this", expectation))
    elif len(times) == 1:
        place_of, expectation = f"{place}.{_camel(times[0])}", "expected both times, or none"
        found.append(WindowProblem(place_of, given[times[0]], "stands alone", expectation))
    elif times:
        found += _hour_problems(f"{place}.endTime", window)
    return found


def _hour_problems(place: str, window: SuppressionWindow) -> list[WindowProblem]:
    end = window["end_time"]
    if _full(end) == _full(window["start_time"]):
        expectation = "expected another time; without times it is the whole day"
        return [WindowProblem(place, end, "is the start too", expectation)]
    if window.get("repeats") == "monthly" and _over_midnight(window):
        expectation = "expected a later time: make the next morning a window of its own"
        return [WindowProblem(place, end, "is on the next day", expectation)]
    return []


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[0].lower()}", name)


_KEYS = {_camel(name): check for name, check in _CHECKS.items()}
