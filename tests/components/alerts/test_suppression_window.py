"""Suppression windows: what cannot work, and what Azure gets for the rest."""

from typing import Any, cast

import pytest

from components.alerts.processing_rule import rule_properties
from components.alerts.suppression_window import SuppressionWindow, problems, read


def a_window(**changes: Any) -> SuppressionWindow:
    """One night; a change to None takes the value away."""
    sound = {"name": "night", "start": "2026-01-31T22:00:00", "end": "2026-02-01T06:00:00"}
    values = {key: value for key, value in (sound | changes).items() if value is not None}
    return cast(SuppressionWindow, values)


def repeated(repeats: str, **changes: Any) -> SuppressionWindow:
    return a_window(**{"start": None, "end": None, "repeats": repeats, **changes})


def schedule(window: SuppressionWindow) -> dict[str, Any]:
    found: dict[str, Any] = rule_properties(window, ["/group"])["schedule"]
    return found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end": "2026-01-31T21:59:59"}, ["[0].end", "2026-01-31T21:59:59", "before the start"]),
        ({"end": "2026-01-31T22:00:00"}, ["[0].end", "later than 2026-01-31T22:00:00"]),
        ({"start": "2026-01-31T22:00:00Z"}, ["[0].start", "time zone", "said by timeZone"]),
        ({"end": "2026-02-01T06:00:00+01:00"}, ["[0].end", "carries a time zone"]),
        ({"start": "2026-01-31"}, ["[0].start", "no date with a time"]),
        ({"start": "2026-01-31T22:00:00 or so"}, ["[0].start", "no date with a time"]),
        ({"start": "2026-02-30T22:00:00"}, ["[0].start", "not in the calendar"]),
        ({"start": None}, ["[0].start", "is missing", "repeats"]),
        ({"time_zone": "Europe/Berlin"}, ["[0].timeZone", "IANA", "'W. Europe Standard Time'"]),
        ({"time_zone": "W Europe Standard Time"}, ["did you mean 'W. Europe Standard Time'"]),
        ({"time_zone": "CET"}, ["[0].timeZone", "IANA", "Standard Time"]),
        ({"time_zone": "Moon"}, ["[0].timeZone", "no time zone of Windows"]),
        ({"name": "a/b"}, ["[0].name", "a/b", "hyphens"]),
        ({"name": None}, ["[0].name", "is missing"]),
        ({"severities": []}, ["[0].severities", "names no severity"]),
        ({"severities": [2, 5]}, ["[0].severities", "5", "0 to 4"]),
        ({"severities": [True]}, ["[0].severities", "0 to 4"]),
        ({"severities": [2, 2.0]}, ["[0].severities", "twice"]),
        ({"start_time": "22:00", "end_time": "23:00"}, ["[0].startTime", "only with repeats"]),
        ({"days": ["Monday"]}, ["[0].days", "only with weekly"]),
        ({"description": 3}, ["[0].description", "no text"]),
    ],
)
def test_a_window_that_cannot_work_is_refused_by_key_value_and_expectation(
    changes: dict[str, Any], words: list[str]
) -> None:
    (found,) = problems([a_window(**changes)])
    assert str(found).startswith("suppressionWindows[0].")
    assert all(word in str(found) for word in words), str(found)


@pytest.mark.parametrize(
    ("repeats", "changes", "words"),
    [
        ("hourly", {}, ["[0].repeats", "hourly", "daily, weekly, monthly"]),
        ("weekly", {}, ["[0].days", "is missing", "weekly"]),
        ("weekly", {"days": []}, ["[0].days", "names no day"]),
        ("weekly", {"days": ["Caturday"]}, ["[0].days", "'Caturday'", "'Saturday'"]),
        ("weekly", {"days": ["Monday", "Monday"]}, ["[0].days", "twice"]),
        ("monthly", {}, ["[0].monthDays", "is missing"]),
        ("monthly", {"month_days": [0]}, ["[0].monthDays", "1 to 31"]),
        ("monthly", {"month_days": [1.5]}, ["[0].monthDays", "1.5"]),
        ("daily", {"month_days": [1]}, ["[0].monthDays", "only with monthly"]),
        ("daily", {"start": "2026-01-01T00:00:00"}, ["[0].start 2026", "only without repeats"]),
        ("daily", {"end": "2026-01-01T00:00:00"}, ["[0].end 2026", "only without repeats"]),
        ("daily", {"start_time": "22:00"}, ["[0].startTime", "both times"]),
        ("daily", {"start_time": "24:00", "end_time": "06:00"}, ["[0].startTime", "time of day"]),
        ("daily", {"start_time": "9:00", "end_time": "10:00"}, ["[0].startTime", "HH:MM"]),
        ("daily", {"start_time": "22:00", "end_time": "22:00:00"}, ["[0].endTime", "whole day"]),
        (
            "monthly",
            {"month_days": [1], "start_time": "22:00", "end_time": "06:00"},
            ["[0].endTime", "next day", "a window of its own"],
        ),
    ],
)
def test_a_repetition_that_cannot_work_is_refused(
    repeats: str, changes: dict[str, Any], words: list[str]
) -> None:
    (found,) = problems([repeated(repeats, **changes)])
    assert all(word in str(found) for word in words), str(found)


def test_two_windows_of_one_name_are_refused_whatever_the_case() -> None:
    (found,) = problems([a_window(), a_window(name="Night")], key="windows")
    assert str(found) == "windows[1].name Night is taken; expected each name once"


def test_every_problem_of_every_window_is_told_at_once() -> None:
    wrong = [a_window(time_zone="Moon", severities=[9]), a_window(name="day", end="soon")]
    assert [each.key for each in problems(wrong)] == [
        "suppressionWindows[0].timeZone",
        "suppressionWindows[0].severities",
        "suppressionWindows[1].end",
    ]


def test_a_window_of_a_stack_file_is_read_by_its_camel_case_keys() -> None:
    given = [{"name": "n", "repeats": "daily", "startTime": "22:00", "endTime": "06:00"}]
    windows, found = read(given)
    assert not found
    assert windows == [
        {"name": "n", "repeats": "daily", "start_time": "22:00", "end_time": "06:00"}
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("night", ["suppressionWindows is no list"]),
        (["night"], ["[0] night is no object"]),
        ([{"name": "n", "startTme": "22:00"}], ["[0].startTme is no setting", "'startTime'"]),
        ([{"name": "n", "start": 3, "end": ["x"]}], ["[0].start 3 is no date", "[0].end"]),
        ([{"name": ["n"]}], ["[0].name"]),
        ([{"name": "n", "repeats": [], "days": [[]]}], ["[0].repeats", "[0].days"]),
    ],
)
def test_what_is_no_window_at_all_is_a_problem_too(given: object, words: list[str]) -> None:
    text = "\n".join(str(each) for each in read(given)[1])
    assert all(word in text for word in words), text


def test_a_single_night_is_given_without_a_zone_in_its_times() -> None:
    assert schedule(a_window(time_zone="Tokyo Standard Time")) == {
        "time_zone": "Tokyo Standard Time",
        "effective_from": "2026-01-31T22:00:00",
        "effective_until": "2026-02-01T06:00:00",
    }


def test_urgent_alerts_pass_unless_the_window_says_otherwise() -> None:
    default = rule_properties(a_window(), ["/group"])["conditions"]
    assert default == [
        {"field": "Severity", "operator": "Equals", "values": ["Sev2", "Sev3", "Sev4"]}
    ]
    chosen = rule_properties(a_window(severities=[4.0, 0.0]), ["/group"])["conditions"]
    assert chosen[0]["values"] == ["Sev0", "Sev4"]


def test_every_action_group_is_removed_within_the_scope() -> None:
    properties = rule_properties(a_window(), ["/group"])
    assert properties["scopes"] == ["/group"]
    assert properties["actions"] == [{"action_type": "RemoveAllActionGroups"}]
    assert properties["enabled"] is True
    assert rule_properties(a_window(description="Move"), [])["description"] == "Move"


def test_a_daily_window_may_end_the_next_morning() -> None:
    window = repeated("daily", start_time="22:00", end_time="06:00:30")
    assert not problems([window])
    assert schedule(window)["recurrences"] == [
        {"recurrence_type": "Daily", "start_time": "22:00:00", "end_time": "06:00:30"}
    ]


def test_a_weekly_window_over_midnight_names_the_morning_as_a_day_of_its_own() -> None:
    days = ["Friday", "Sunday"]
    window = repeated("weekly", days=days, start_time="22:00", end_time="06:00")
    assert not problems([window])
    assert schedule(window)["recurrences"] == [
        {
            "recurrence_type": "Weekly",
            "days_of_week": ["Friday", "Sunday"],
            "start_time": "22:00:00",
            "end_time": "23:59:59",
        },
        {
            "recurrence_type": "Weekly",
            "days_of_week": ["Saturday", "Monday"],
            "start_time": "00:00:00",
            "end_time": "06:00:00",
        },
    ]


def test_a_repeated_window_without_times_is_the_whole_day() -> None:
    window = repeated("monthly", month_days=[1.0, 15.0])
    assert not problems([window])
    assert schedule(window) == {
        "time_zone": "UTC",
        "recurrences": [{"recurrence_type": "Monthly", "days_of_month": [1, 15]}],
    }
