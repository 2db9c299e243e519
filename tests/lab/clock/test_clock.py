"""The clock: what is due happens in order of time, then of kind, then of booking."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.clock.clock import DELIVER, EVALUATE, INGEST, TRAFFIC, Clock, run_together

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_at_one_moment_requests_come_before_rows_before_rules_before_messages() -> None:
    clock, seen = Clock(START), list[int]()
    for order in (DELIVER, EVALUATE, TRAFFIC, INGEST):
        clock.at(START + MINUTE, partial(seen.append, order), order=order)
    clock.run_until(START + MINUTE)
    assert seen == [TRAFFIC, INGEST, EVALUATE, DELIVER]


@given(st.lists(st.integers(0, 50)))
def test_the_order_of_booking_decides_only_between_equals(minutes: list[int]) -> None:
    clock, seen = Clock(START), list[tuple[int, int]]()
    for number, minute in enumerate(minutes):
        clock.at(START + minute * MINUTE, partial(seen.append, (minute, number)))
    clock.run_until(START + 60 * MINUTE)
    assert seen == sorted(seen)
    assert len(seen) == len(minutes)


def test_an_action_sees_its_own_time_and_the_clock_ends_where_it_was_told() -> None:
    clock, seen = Clock(START), list[datetime]()
    clock.at(START + MINUTE, lambda: seen.append(clock.now))
    clock.run_until(START + 5 * MINUTE)
    assert seen == [START + MINUTE]
    assert clock.now == START + 5 * MINUTE


def test_what_is_due_at_the_end_happens_and_what_is_later_waits() -> None:
    clock, seen = Clock(START), list[str]()
    clock.at(START + MINUTE, lambda: seen.append("due"))
    clock.at(START + MINUTE + timedelta(microseconds=1), lambda: seen.append("later"))
    clock.run_until(START + MINUTE)
    assert seen == ["due"]
    clock.run_until(START + 2 * MINUTE)
    assert seen == ["due", "later"]


def test_a_moment_that_has_passed_means_now() -> None:
    clock, seen = Clock(START), list[datetime]()
    clock.run_until(START + MINUTE)
    clock.at(START, lambda: seen.append(clock.now))
    clock.run_until(START + MINUTE)
    assert seen == [START + MINUTE], "time never runs backwards"


def test_what_an_action_books_for_the_same_moment_still_happens() -> None:
    clock, seen = Clock(START), list[str]()
    clock.at(START, lambda: clock.at(clock.now, lambda: seen.append("message"), order=DELIVER))
    clock.run_until(START)
    assert seen == ["message"]


def test_a_repeating_appointment_keeps_its_period_until_it_is_cancelled() -> None:
    clock, seen = Clock(START), list[datetime]()
    appointment = clock.every(START + MINUTE, 2 * MINUTE, lambda: seen.append(clock.now))
    clock.run_until(START + 6 * MINUTE)
    assert seen == [START + minute * MINUTE for minute in (1, 3, 5)]
    appointment.cancel()
    clock.run_until(START + 20 * MINUTE)
    assert len(seen) == 3


def test_an_action_may_cancel_its_own_repetition() -> None:
    clock, seen = Clock(START), list[int]()

    def once() -> None:
        seen.append(1)
        appointment.cancel()

    appointment = clock.every(START, MINUTE, once)
    clock.run_until(START + 5 * MINUTE)
    assert seen == [1]


def test_listeners_hear_the_time_at_once_and_each_change_of_it() -> None:
    clock, heard = Clock(START), list[datetime]()
    clock.on_move(heard.append)
    clock.at(START + MINUTE, lambda: None)
    clock.at(START + MINUTE, lambda: None)
    clock.run_until(START + 2 * MINUTE)
    assert heard == [START, START + MINUTE, START + 2 * MINUTE]


def test_the_clock_shows_utc_whatever_zone_it_is_given() -> None:
    berlin = timezone(timedelta(hours=1))
    clock = Clock(datetime(2026, 1, 5, 8, 30, tzinfo=berlin))
    assert clock.now.isoformat() == "2026-01-05T07:30:00+00:00"


def test_a_start_without_a_zone_and_a_period_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Clock(datetime(2026, 1, 5))
    with pytest.raises(ValueError, match="not positive"):
        Clock(START).every(START, timedelta(0), lambda: None)


def test_clocks_that_run_together_are_as_one() -> None:
    ahead, behind = Clock(START), Clock(START)
    done: list[tuple[str, bool]] = []

    def note(what: str) -> Callable[[], None]:
        return lambda: done.append((what, ahead.now == behind.now))

    ahead.at(START + timedelta(seconds=2), note("traffic 2"), order=TRAFFIC)
    behind.at(START + timedelta(seconds=2), note("evaluation 2"), order=EVALUATE)
    behind.at(START + timedelta(seconds=1), note("evaluation 1"), order=EVALUATE)
    ahead.at(START + timedelta(seconds=3), note("traffic 3"), order=TRAFFIC)
    ahead.at(START + timedelta(seconds=9), note("too late"), order=TRAFFIC)
    end = START + timedelta(seconds=5)
    run_together([ahead, behind], end)
    order = ["evaluation 1", "traffic 2", "evaluation 2", "traffic 3"]
    assert done == [(each, True) for each in order]
    assert ahead.now == behind.now == end
