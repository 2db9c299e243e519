"""The lab's clock: a discrete-event run, an hour passes as fast as its events are handled."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

TRAFFIC, INGEST, EVALUATE, DELIVER = range(4)
"""Order of what is due at the same moment: requests, rows, rule evaluations, messages."""

Action = Callable[[], object]


@dataclass(order=True)
class Appointment:
    """Something due at a moment; `cancel` takes it back, and a repeating one for good."""

    when: datetime
    order: int
    number: int
    action: Action = field(compare=False, repr=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """Moves from one appointment to the next; one thread drives it."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"start {start} has no time zone; expected a datetime in UTC")
        self._now = start.astimezone(UTC)
        self._due: list[Appointment] = []
        self._number = 0
        self._listeners: list[Callable[[datetime], object]] = []

    @property
    def now(self) -> datetime:
        """The lab's time, in UTC."""
        return self._now

    def on_move(self, listener: Callable[[datetime], object]) -> None:
        """Call `listener` with the new time whenever it changes, and once at once."""
        self._listeners.append(listener)
        listener(self._now)

    def at(self, when: datetime, action: Action, *, order: int = TRAFFIC) -> Appointment:
        """Do `action` at a moment; one that has passed already means as soon as possible."""
        appointment = Appointment(self._now, order, 0, action)
        self._put(appointment, when)
        return appointment

    def every(
        self, first: datetime, period: timedelta, action: Action, *, order: int = TRAFFIC
    ) -> Appointment:
        """Do `action` at `first` and each `period` after it, until the appointment is cancelled."""
        if period <= timedelta(0):
            raise ValueError(f"period {period} is not positive; expected a time span above zero")

        def act() -> None:
            # The same appointment goes on, so that one `cancel` ends all its rounds.
            self._put(appointment, appointment.when + period)
            action()

        appointment = self.at(first, act, order=order)
        return appointment

    def run_until(self, end: datetime) -> None:
        """Do everything due up to and including `end`, in order; the clock then shows `end`."""
        run_together([self], end)

    def _next(self, end: datetime) -> Appointment | None:
        """What is due first, up to and including `end`."""
        while self._due and self._due[0].cancelled:
            heapq.heappop(self._due)
        return self._due[0] if self._due and self._due[0].when <= end else None

    def _put(self, appointment: Appointment, when: datetime) -> None:
        self._number += 1
        appointment.when = max(when.astimezone(UTC), self._now)
        appointment.number = self._number
        heapq.heappush(self._due, appointment)

    def _move(self, to: datetime) -> None:
        if to > self._now:
            self._now = to
            for listener in self._listeners:
                listener(to)


def run_together(clocks: Sequence[Clock], end: datetime) -> None:
    """`run_until` of several clocks as if they were one: all show the moment of what is done."""
    end = end.astimezone(UTC)
    while True:
        due = [(each, clock) for clock in clocks if (each := clock._next(end)) is not None]
        if not due:
            break
        first, its_clock = min(due, key=lambda pair: (pair[0].when, pair[0].order))
        heapq.heappop(its_clock._due)
        for clock in clocks:
            clock._move(first.when)
        first.action()
    for clock in clocks:
        clock._move(end)
