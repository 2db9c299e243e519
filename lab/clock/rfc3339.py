"""Moments as Azure writes them: RFC 3339, up to seven digits of a second, UTC by default."""

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


def parse(text: str) -> datetime:
    """An aware datetime in UTC, cut to microseconds; ValueError when the text is none."""
    if _RFC3339.fullmatch(text) is None:
        raise ValueError(f"datetime {text!r} cannot be read; expected 2026-01-05T08:30:00Z")
    try:
        return utc(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"datetime {text!r} does not exist; expected a date and time of the calendar"
        ) from error


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; one without a zone is UTC already."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def naive_utc(moment: datetime) -> datetime:
    """As the log tables keep it: UTC without saying so."""
    return utc(moment).replace(tzinfo=None)


def rfc3339(moment: datetime) -> str:
    """`2026-01-05T08:30:00Z`, with a fraction only where there is one."""
    text = naive_utc(moment).isoformat()
    return f"{text}Z"


def azure_time(moment: datetime) -> str:
    """`2026-01-05T08:30:00.0000000Z`, as alerts carry it."""
    return f"{naive_utc(moment):%Y-%m-%dT%H:%M:%S.%f}0Z"
