"""Moments as Azure writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.clock import rfc3339

MORNING = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T08:30:00Z",
        "2026-01-05T08:30:00.0000000Z",
        "2026-01-05t08:30:00z",
        "2026-01-05 08:30:00",
        "2026-01-05T08:30:00",
        "2026-01-05T09:30:00+01:00",
        "2026-01-05T00:00:00-08:30",
    ],
)
def test_every_spelling_of_a_moment_is_read_as_utc(text: str) -> None:
    assert rfc3339.parse(text) == MORNING


def test_azures_seventh_digit_is_cut_not_rounded() -> None:
    assert rfc3339.parse("2026-01-05T08:30:00.9999999Z").microsecond == 999_999


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-01-05",
        "2026-W02-1T08:30:00Z",
        "20260105T083000Z",
        "2026-01-05T08:30Z",
        "2026-02-30T08:30:00Z",
        "2026-01-05T25:30:00Z",
        "2026-01-05T08:30:00+0100",
        "05/01/2026, 08:30:00.000",
        "٢٠٢٦-01-05T08:30:00Z",
        "0001-01-01T00:00:00+23:59",
        "1767601800",
    ],
)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        rfc3339.parse(text)
    assert "\n" not in str(caught.value)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)))
def test_what_is_written_is_read_again(when: datetime) -> None:
    assert rfc3339.parse(rfc3339.rfc3339(when)) == rfc3339.utc(when)
    assert rfc3339.parse(rfc3339.azure_time(when)) == rfc3339.utc(when)


def test_written_moments_are_utc() -> None:
    elsewhere = MORNING.astimezone(timezone(timedelta(hours=-8)))
    assert rfc3339.rfc3339(elsewhere) == "2026-01-05T08:30:00Z"
    assert rfc3339.azure_time(elsewhere) == "2026-01-05T08:30:00.0000000Z"
