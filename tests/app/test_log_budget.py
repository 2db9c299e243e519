"""Refused tries cost lines up to a budget; then a number stands for them, and none is lost."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from login_app.log_budget import CROWDED, IN_FULL, IN_FULL_WHEN_CROWDED, MAX_KEYS, LogBudget
from login_app.login_events import EventResult, EventType, LoginEvent

from tests.support.app_client import Browser

BuildApp = Callable[..., Flask]
START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
REFUSED = LoginEvent(
    ts=START,
    event_type=EventType.LOGON,
    event_result=EventResult.FAILURE,
    target_username="alice",
    src_ip_addr="198.51.100.7",
)


@pytest.fixture
def written() -> list[LoginEvent]:
    return []


class Clock:
    """Stands at the last try."""

    moment = START

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def budget(written: list[LoginEvent]) -> LogBudget:
    return LogBudget(written.append, Clock())


def flood(
    budget: LogBudget, count: int, seconds: float, key: object = "a", start: float = 0
) -> None:
    for number in range(count):
        moment = START + timedelta(seconds=start + number * seconds / count)
        budget._now.moment = moment  # type: ignore[attr-defined]  # a Clock
        budget.spend(str(key), replace(REFUSED, ts=moment))


def total(written: list[LoginEvent]) -> int:
    return sum(event.event_count for event in written)


def test_the_first_of_a_minute_are_written_in_full(
    budget: LogBudget, written: list[LoginEvent]
) -> None:
    flood(budget, IN_FULL, 50)
    assert len(written) == IN_FULL
    assert {event.event_count for event in written} == {1}
    budget.close()


def test_a_flood_becomes_one_line_in_ten_seconds_and_every_try_is_counted(
    budget: LogBudget, written: list[LoginEvent]
) -> None:
    flood(budget, 6000, 59)
    budget.close()
    assert total(written) == 6000
    assert len(written) <= IN_FULL + 7
    many = written[-1]
    assert many.event_count > 500
    assert (many.src_ip_addr, many.target_username) == ("198.51.100.7", None)


def test_the_number_is_told_when_its_time_has_come_without_another_try(
    budget: LogBudget, written: list[LoginEvent]
) -> None:
    flood(budget, IN_FULL + 5, 1)
    assert total(written) == IN_FULL
    budget.settle(START + timedelta(seconds=9))
    assert total(written) == IN_FULL
    budget.settle(START + timedelta(seconds=12))
    assert (total(written), len(written)) == (IN_FULL + 5, IN_FULL + 1)
    budget.close()


def test_each_key_has_its_own_budget_until_there_are_too_many(
    budget: LogBudget, written: list[LoginEvent]
) -> None:
    keys = 2 * CROWDED // IN_FULL
    for key in range(keys):
        flood(budget, IN_FULL, 0, key)
    assert len(written) == CROWDED + (keys - CROWDED // IN_FULL) * IN_FULL_WHEN_CROWDED
    budget.close()
    assert total(written) == keys * IN_FULL


def test_a_clock_that_is_set_back_loses_nothing(
    budget: LogBudget, written: list[LoginEvent]
) -> None:
    flood(budget, 200, 5)
    flood(budget, 200, 5, start=-3600)
    budget.close()
    assert total(written) == 400


def test_memory_is_bounded(budget: LogBudget, written: list[LoginEvent]) -> None:
    for key in range(MAX_KEYS + 10):
        flood(budget, 1, 0, key)
    assert len(budget._accounts) <= MAX_KEYS
    budget.close()
    assert total(written) == MAX_KEYS + 10


def test_lines_that_nobody_takes_are_told_later(written: list[LoginEvent]) -> None:
    is_shut = False

    def write(event: LoginEvent) -> None:
        if is_shut:
            raise OSError
        written.append(event)

    budget = LogBudget(write, Clock())
    flood(budget, IN_FULL + 50, 1)
    is_shut = True
    with pytest.raises(OSError):  # noqa: PT011 - whichever it is
        budget.settle(START + timedelta(minutes=1))
    is_shut = False
    budget.settle(START + timedelta(minutes=1))
    assert total(written) == IN_FULL + 50
    budget.close()


def test_one_limited_client_fills_no_log(build_app: BuildApp, lines: list[str]) -> None:
    app = build_app(rate_limit="3 per minute")
    browser = Browser(app, lines)
    for number in range(1000):
        browser.post("/login", username=f"{number}" + "x" * 5000, password="x")
    app.extensions["login_app"].journal.close()
    events = [json.loads(line) for line in lines]
    assert sum(event.get("EventCount", 1) for event in events) == 1000
    assert len(lines) < 200
    limited = [event for event in events if event["EventOriginalResultDetails"] == "RateLimited"]
    assert all(len(event.get("TargetUsername", "")) <= 65 for event in limited)
    assert sum(map(len, lines)) / 1000 < 200, "bytes of log for a refused try"
