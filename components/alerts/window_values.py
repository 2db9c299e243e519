"""What a single value of a suppression window may be. Pure: no pulumi, no I/O."""

import re
from datetime import datetime, time
from typing import Any

from tzlocal.windows_tz import tz_win, win_tz

from components.limits.refusal import nearest

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
REPEATS = ("daily", "weekly", "monthly")

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", re.ASCII)
_OFFSET = re.compile(r"(?i)(Z|[+-]\d{2}:?\d{2})")
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?")

Refusal = tuple[str, str] | None
"""What is wrong and what is expected."""


def _check_name(value: object) -> Refusal:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return None
    return "is no name", "expected 1 to 40 letters, digits and hyphens"


def _check_moment(value: object) -> Refusal:
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


def _check_time(value: object) -> Refusal:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            time.fromisoformat(value)
        except ValueError:
            pass
        else:
            return None
    return "is no time of day", "expected HH:MM or HH:MM:SS, 00:00 to 23:59:59"


def _check_zone(value: object) -> Refusal:
    if isinstance(value, str) and value in win_tz:
        return None
    if isinstance(value, str) and value in tz_win:
        return "is an IANA name, which Azure does not take", f"expected {tz_win[value]!r}"
    hint = nearest(str(value), win_tz)
    known = hint if hint.startswith("did") else "expected a name such as W. Europe Standard Time"
    return "is no time zone of Windows", known


def _check_repeats(value: object) -> Refusal:
    return None if value in REPEATS else ("is not offered", f"expected one of {', '.join(REPEATS)}")


def _check_days(value: object) -> Refusal:
    if not isinstance(value, list) or not value:
        return "names no day", f"expected some of {', '.join(WEEKDAYS)}"
    for each in value:
        if each not in WEEKDAYS:
            return f"has the day {each!r}", nearest(str(each), WEEKDAYS)
    return _once(value)


def _check_month_days(value: object) -> Refusal:
    if not isinstance(value, list) or not value:
        return "names no day", "expected some of 1 to 31"
    for each in value:
        if not _is_whole(each, 1, 31):
            return f"has the day {each!r}", "expected 1 to 31"
    return _once(value)


def _check_severities(value: object) -> Refusal:
    if not isinstance(value, list) or not value:
        return "names no severity", "expected some of 0 to 4"
    for each in value:
        if not _is_whole(each, 0, 4):
            return f"has the severity {each!r}", "expected 0 to 4"
    return _once(value)


def _check_description(value: object) -> Refusal:
    return None if isinstance(value, str) else ("is no text", "expected a sentence")


def _once(values: list[Any]) -> Refusal:
    return None if len(set(values)) == len(values) else ("has one twice", "expected each once")


def _is_whole(value: object, low: int, high: int) -> bool:
    """Programs in other languages reach us with every number as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return low <= value <= high and float(value).is_integer()


CHECKS = {
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
"""By the snake case name of the value."""
