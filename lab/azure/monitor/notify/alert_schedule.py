"""When an alert processing rule applies, in a time zone of Windows.

UNCONFIRMED, and decided here: a moment belongs to a recurrence from its start time up to, but not
including, its end time; without times it is the whole day; the morning of one that ends the next
day belongs to the day on which it began.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

from components.limits.refusal import Refusal
from lab.azure.core.resource_error import refused

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?", re.ASCII)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d", re.ASCII)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Recurrence:
    """Every day, or on the named days of the week or of the month."""

    days_of_week: tuple[str, ...] | None = None
    days_of_month: tuple[int, ...] | None = None
    start: time | None = None
    end: time | None = None

    @classmethod
    def from_arm(cls, given: Mapping[str, Any]) -> "Recurrence":
        week, month = given.get("daysOfWeek"), given.get("daysOfMonth")
        start, end = given.get("startTime"), given.get("endTime")
        return cls(
            tuple(week) if week is not None else None,
            tuple(int(each) for each in month) if month is not None else None,
            time.fromisoformat(start) if start else None,
            time.fromisoformat(end) if end else None,
        )

    def holds(self, local: datetime) -> bool:
        """Whether a moment of the zone's own time lies in it."""
        start, end = self.start or time.min, self.end
        if end is not None and end <= start:
            evening = local.time() >= start and self._on(local)
            return evening or (local.time() < end and self._on(local - _DAY))
        return local.time() >= start and (end is None or local.time() < end) and self._on(local)

    def _on(self, day: datetime) -> bool:
        week, month = self.days_of_week, self.days_of_month
        if week is not None and f"{day:%A}" not in week:
            return False
        return month is None or day.day in month


@dataclass(frozen=True)
class Schedule:
    """From, until and the recurrences between them; naive moments are the zone's own."""

    zone: ZoneInfo
    effective_from: datetime | None = None
    effective_until: datetime | None = None
    recurrences: tuple[Recurrence, ...] = ()

    @classmethod
    def from_arm(cls, given: Mapping[str, Any]) -> "Schedule":
        return cls(
            ZoneInfo(win_tz[given.get("timeZone") or "UTC"]),
            _moment(given.get("effectiveFrom")),
            _moment(given.get("effectiveUntil")),
            tuple(Recurrence.from_arm(each) for each in given.get("recurrences") or ()),
        )

    def holds(self, now: datetime) -> bool:
        """Whether a moment (with its zone) lies in it."""
        local = now.astimezone(self.zone).replace(tzinfo=None)
        if self.effective_from is not None and local < self.effective_from:
            return False
        if self.effective_until is not None and local >= self.effective_until:
            return False
        return not self.recurrences or any(each.holds(local) for each in self.recurrences)


def problems(given: Mapping[str, Any]) -> list[Refusal]:
    """What Azure refuses of `properties.schedule` (bicep-types-az, actionRules 2021-08-08)."""
    place = "properties.schedule"
    found = []
    zone = given.get("timeZone")
    if zone is not None and zone not in win_tz:
        expectation = "expected a time zone of Windows such as W. Europe Standard Time"
        found.append(refused(f"{place}.timeZone", zone, expectation))
    moments = {}
    for key in ("effectiveFrom", "effectiveUntil"):
        if given.get(key) is not None:
            moments[key] = _checked_moment(given[key])
            if moments[key] is None:
                expectation = "expected YYYY-MM-DDTHH:MM:SS without Z or offset"
                found.append(refused(f"{place}.{key}", given[key], expectation))
    begin, end = moments.get("effectiveFrom"), moments.get("effectiveUntil")
    if begin is not None and end is not None and end <= begin:
        expectation = "expected later than effectiveFrom"
        found.append(refused(f"{place}.effectiveUntil", given["effectiveUntil"], expectation))
    for number, each in enumerate(given.get("recurrences") or ()):
        found += _recurrence_problems(f"{place}.recurrences[{number}]", each)
    return found


def _recurrence_problems(place: str, given: Mapping[str, Any]) -> list[Refusal]:
    found = []
    for key in ("startTime", "endTime"):
        value = given.get(key)
        if value is not None and not _TIME.fullmatch(value):
            found.append(refused(f"{place}.{key}", value, "expected HH:MM:SS"))
    week, month = given.get("daysOfWeek"), given.get("daysOfMonth")
    if week is not None and not week:
        found.append(refused(f"{place}.daysOfWeek", week, "expected a day or more"))
    if month is not None and (not month or not all(1 <= each <= 31 for each in month)):
        found.append(refused(f"{place}.daysOfMonth", month, "expected days from 1 to 31"))
    return found


def _checked_moment(text: str) -> datetime | None:
    try:
        return _moment(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _moment(text: str | None) -> datetime | None:
    """The fraction of a second, of any length, is cut to what Python knows."""
    if not text:
        return None
    whole, _, fraction = text.partition(".")
    found = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    return found.replace(tzinfo=None, microsecond=int(f"{fraction:0<6}"[:6]) if fraction else 0)
