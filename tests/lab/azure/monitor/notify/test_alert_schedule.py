"""Schedules of alert processing rules: which moments lie in them, in whose time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lab.azure.monitor.notify.alert_schedule import Schedule, problems

BERLIN = "W. Europe Standard Time"


def holds(moment: str, **schedule: Any) -> bool:
    """Whether a moment of January 2026, in UTC, lies in it; the 5th is a Monday."""
    return Schedule.from_arm(schedule).holds(datetime.fromisoformat(f"2026-01-{moment}+00:00"))


def daily(start: str, end: str) -> dict[str, Any]:
    return {"recurrenceType": "Daily", "startTime": start, "endTime": end}


def test_once_is_from_the_start_to_before_the_end() -> None:
    night = {"effectiveFrom": "2026-01-05T22:00:00", "effectiveUntil": "2026-01-06T06:00:00.0"}
    moments = ["05T21:59:59", "05T22:00:00", "06T05:59:59", "06T06:00:00"]
    assert [holds(each, **night) for each in moments] == [False, True, True, False]


def test_the_times_are_those_of_the_zone() -> None:
    night = {"effectiveFrom": "2026-01-05T22:00:00", "effectiveUntil": "2026-01-06T06:00:00"}
    moments = ["05T20:59:59", "05T21:00:00", "06T04:59:59", "06T05:00:00"]
    assert [holds(each, **night, timeZone=BERLIN) for each in moments] == [False, True, True, False]


def test_summer_time_moves_the_window_with_the_clocks_on_the_wall() -> None:
    schedule = Schedule.from_arm(
        {"timeZone": BERLIN, "recurrences": [daily("08:00:00", "09:00:00")]}
    )
    winter = [schedule.holds(datetime(2026, 1, 5, hour, tzinfo=UTC)) for hour in (6, 7)]
    summer = [schedule.holds(datetime(2026, 7, 6, hour, tzinfo=UTC)) for hour in (6, 7)]
    assert (winter, summer) == ([False, True], [True, False])


def test_a_daily_recurrence_may_end_the_next_morning() -> None:
    nights = {"recurrences": [daily("22:00:00", "06:00:00")]}
    moments = ["05T21:59:59", "05T22:00:00", "06T05:59:59", "06T06:00:00", "06T12:00:00"]
    assert [holds(each, **nights) for each in moments] == [False, True, True, False, False]


def test_days_of_the_week_and_their_mornings_after() -> None:
    week = {"recurrenceType": "Weekly", "daysOfWeek": ["Monday"]}
    assert [holds(f"0{day}T12:00:00", recurrences=[week]) for day in (4, 5, 6)] == [
        False,
        True,
        False,
    ]
    night = {**week, "startTime": "22:00:00", "endTime": "06:00:00"}
    moments = ["05T05:00:00", "05T22:00:00", "06T05:00:00", "06T22:00:00"]
    assert [holds(each, recurrences=[night]) for each in moments] == [False, True, True, False]


def test_days_of_the_month_within_the_dates_and_any_of_several_recurrences() -> None:
    month = {"recurrenceType": "Monthly", "daysOfMonth": [5.0, 7.0]}
    schedule = {"recurrences": [month, daily("01:00:00", "02:00:00")]}
    until = {"effectiveUntil": "2026-01-07T00:00:00"}
    assert [holds(f"{day}T12:00:00", **schedule, **until) for day in ("05", "06", "07")] == [
        True,
        False,
        False,
    ]
    assert holds("06T01:30:00", **schedule)


def test_without_anything_it_always_holds() -> None:
    assert holds("05T00:00:00")


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ({"timeZone": "Europe/Berlin"}, ["timeZone", "'Europe/Berlin'", "Windows"]),
        ({"effectiveFrom": "2026-01-05T22:00:00Z"}, ["effectiveFrom", "without Z"]),
        ({"effectiveUntil": "2026-02-30T22:00:00"}, ["effectiveUntil"]),
        (
            {"effectiveFrom": "2026-01-05T22:00:00", "effectiveUntil": "2026-01-05T22:00:00"},
            ["effectiveUntil", "later"],
        ),
        ({"recurrences": [daily("22:00", "06:00:00")]}, ["recurrences[0].startTime", "HH:MM:SS"]),
        ({"recurrences": [daily("22:00:00", "24:00:00")]}, ["recurrences[0].endTime"]),
        (
            {"recurrences": [{"recurrenceType": "Weekly", "daysOfWeek": []}]},
            ["recurrences[0].daysOfWeek"],
        ),
        (
            {"recurrences": [{"recurrenceType": "Monthly", "daysOfMonth": [32]}]},
            ["recurrences[0].daysOfMonth", "1 to 31"],
        ),
    ],
)
def test_a_schedule_that_azure_refuses_is_refused(
    schedule: dict[str, Any], words: list[str]
) -> None:
    (found,) = problems(schedule)
    sentence = str(found)
    assert sentence.startswith("properties.schedule.")
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    "schedule",
    [
        {"effectiveFrom": "2026-01-05T22:00:00", "effectiveUntil": "2026-01-05T22:00:01"},
        {"effectiveUntil": "2026-01-05T22:00:00"},
        {"recurrences": [{"recurrenceType": "Monthly", "daysOfMonth": [1, 31]}]},
        {"recurrences": [daily("00:00:00", "23:59:59")]},
        {"timeZone": BERLIN},
    ],
)
def test_what_lies_just_within_what_azure_takes_is_taken(schedule: dict[str, Any]) -> None:
    assert problems(schedule) == []
    assert problems({**schedule, "timeZone": "Mars"}), "the rest of it is read too"


def test_day_0_and_no_day_are_refused() -> None:
    for days in ([0], [], [1, 32], [0, 31]):
        (found,) = problems({"recurrences": [{"recurrenceType": "Monthly", "daysOfMonth": days}]})
        assert "daysOfMonth" in str(found), days
    both = {"recurrences": [daily("22:00:00", "6:00:00"), daily("9:00:00", "10:00:00")]}
    assert [str(found).split()[0] for found in problems(both)] == [
        "properties.schedule.recurrences[0].endTime",
        "properties.schedule.recurrences[1].startTime",
    ]


def test_an_end_or_a_start_alone_bounds_one_side_only() -> None:
    assert [
        holds(each, effectiveUntil="2026-01-05T22:00:00") for each in ("05T21:59:59", "05T22:00:00")
    ] == [True, False]
    assert [
        holds(each, effectiveFrom="2026-01-05T22:00:00") for each in ("05T21:59:59", "05T22:00:00")
    ] == [False, True]
    evening = {"recurrences": [{"recurrenceType": "Daily", "startTime": "22:00:00"}]}
    assert [holds(each, **evening) for each in ("05T21:59:59", "05T22:00:00", "05T23:59:59")] == [
        False,
        True,
        True,
    ]
