"""The lab's clock along with the real one."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from lab.background.wall_clock import LiveClock
from lab.clock.clock import Clock

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


def test_an_hour_passes_in_a_moment_and_everything_due_in_it_happens() -> None:
    clock, ending, rung = Clock(START), threading.Event(), []

    def ring() -> None:
        rung.append(clock.now)
        if len(rung) == 3:
            ending.set()

    clock.every(START + timedelta(minutes=20), timedelta(minutes=20), ring)
    LiveClock(clock, 36_000.0, threading.RLock()).run(ending)
    assert rung[:3] == [START + timedelta(minutes=20 * number) for number in (1, 2, 3)]


def test_nothing_happens_while_somebody_else_has_the_turn() -> None:
    clock, ending, turn = Clock(START), threading.Event(), threading.RLock()
    rung = threading.Event()
    clock.at(START + timedelta(seconds=1), rung.set)
    thread = threading.Thread(target=LiveClock(clock, 3600.0, turn).run, args=(ending,))
    with turn:
        thread.start()
        assert not rung.wait(0.5)
    assert rung.wait(10)
    ending.set()
    thread.join()


def test_a_clock_that_stands_still_is_refused() -> None:
    with pytest.raises(ValueError, match="speed 0 stops the clock"):
        LiveClock(Clock(START), 0.0, threading.RLock())
