"""The cases of one detection in tables that they share, and what a rule makes of them.

Rows are written once; each case has a week of its own, so that no window holds rows of two. Any
number of rules can then be tried on them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from components.limits.refusal import RefusedError
from lab.azure.monitor.log_search.alert import Alert, Condition
from lab.azure.monitor.log_search.alert_rule import AlertRule, AlertRuleError, Series, evaluate_all
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.cases.case_file import START, Case
from lab.cases.case_pattern import CaseRow
from lab.clock.ticks import next_tick
from lab.logs.log_tables import LogTables

_WEEK: Final = timedelta(weeks=1)
_INSTANT: Final = timedelta(microseconds=1)
_CLOCK: Final = re.compile(r"\b(now|ago)\s*\(")
_TOGETHER: Final = 60
"""Moments of one statement."""
_ROWS_TOGETHER: Final = 2_000_000
"""Rows times moments of one statement."""


@dataclass(frozen=True)
class Outcome:
    """What a rule made of a case: the dimension values of its alerts, or why it could not run."""

    alerts: list[dict[str, str]] = field(default_factory=list)
    closest: Series | None = None
    error: str = ""
    values: tuple[float, ...] = ()
    """What is measured at the last moment with new rows, for rules whose threshold is learned."""
    raised: tuple[Alert, ...] = ()
    """The alerts themselves, in the case's own week."""
    evaluations: int = 0
    violated: int = 0
    """Evaluations in which the condition held, whether a new alert came of it or not."""

    def reason(self, case: Case, rule: AlertRule) -> str:
        """Why the case did not pass; nothing when it did."""
        if self.error:
            return f"{self.error} ({case.where})"
        if (case.value is None) == (rule.sensitivity is not None):
            kinds = "measures_..." if rule.sensitivity else "fires_... or silent_..."
            return f"the case does not fit the threshold; expected {kinds} ({case.where})"
        if case.value is not None:
            shown = ", ".join(f"{each:g}" for each in self.values) or "nothing"
            expectation = f"expected {case.value:g} ({case.where})"
            return "" if self.values == (case.value,) else f"measured {shown}; {expectation}"
        near = "no time series at all"
        if self.closest:
            values = _shown(self.closest.dimensions)
            near = f"nearest was {self.closest.value:g} of {rule.threshold:g} for {values}"
        if case.fires and not self.alerts:
            return f"no alert; {near} ({case.where})"
        if not case.fires and self.alerts:
            first = _shown(self.alerts[0])
            return f"{len(self.alerts)} alerts, first for {first}; {near} ({case.where})"
        if case.alerts is not None and _sorted(case.alerts) != _sorted(self.alerts):
            return (
                f"alerts for {'; '.join(map(_shown, _sorted(self.alerts)))};"
                f" expected {'; '.join(map(_shown, _sorted(case.alerts)))} ({case.where})"
            )
        return ""


class CaseTrial:
    """`tables` holds the rows of all cases; a case that they refuse is in `refused`."""

    def __init__(self, cases: Sequence[tuple[Case, Sequence[CaseRow]]]) -> None:
        self.tables = LogTables()
        self.cases = [case for case, _ in cases]
        self.refused: dict[int, RefusedError] = {}
        """By the number of the case: why its rows cannot be in a log table."""
        self._times: list[list[tuple[datetime, datetime]]] = []
        self._plans: dict[tuple[int, timedelta, timedelta, bool], _Plan] = {}
        self._rows = sum(len(rows) for _, rows in cases)
        for number, (case, rows) in enumerate(cases):
            start = self.start(number)
            self._times.append(
                [(start + row.offset, start + row.offset + row.delay) for row in rows]
            )
            try:
                self._write(rows, start, case.where)
            except RefusedError as error:
                self.refused[number] = error

    def start(self, number: int) -> datetime:
        """The moment from which the rows of a case count."""
        return START + _WEEK * number

    def length(self, number: int) -> int:
        """How many rows a case has."""
        return len(self._times[number])

    def outcome(self, rule: AlertRule, number: int) -> Outcome:
        """What the rule makes of one case."""
        return next(iter(self.outcomes(rule, [number])))[1]

    def outcomes(self, rule: AlertRule, numbers: Sequence[int]) -> Iterator[tuple[int, Outcome]]:
        """What the rule makes of each case that the tables took, some at a time."""
        batch: list[tuple[int, _Plan]] = []
        size = 0
        for number in numbers:
            if not self._takes(number):
                continue
            plan = self._plan(rule, number)
            batch.append((number, plan))
            size += len(plan.moments)
            if size >= _TOGETHER:
                yield from self._judged(rule, batch)
                batch, size = [], 0
        yield from self._judged(rule, batch)

    def moments(self, rule: AlertRule, number: int) -> list[datetime]:
        """The ticks at which the rule's window holds other rows than at the tick before."""
        return self._plan(rule, number).moments

    def close(self) -> None:
        self.tables.close()

    def _takes(self, number: int) -> bool:
        return number not in self.refused

    def _judged(
        self, rule: AlertRule, batch: Sequence[tuple[int, "_Plan"]]
    ) -> Iterator[tuple[int, Outcome]]:
        moments = [moment for _, plan in batch for moment in plan.moments]
        # The tables of a large case would be crossed with too many moments at once.
        step = max(1, min(len(moments), _ROWS_TOGETHER // max(1, self._rows)))
        found: list[list[Series]] = []
        try:
            for first in range(0, len(moments), step):
                found += evaluate_all(rule, self.tables, moments[first : first + step])
        except AlertRuleError as error:
            if len(batch) == 1:
                yield batch[0][0], Outcome(error=str(error))
                return
            for each in batch:
                yield from self._judged(rule, [each])
            return
        at = 0
        for number, plan in batch:
            series = found[at : at + len(plan.moments)]
            at += len(plan.moments)
            yield number, _advanced(rule, self.tables, plan, series)

    def _plan(self, rule: AlertRule, number: int) -> "_Plan":
        """Every tick from the first row until the last has left the window.

        Rules that look as far back as often share it.
        """
        key = (number, rule.frequency, rule.lookback, bool(_CLOCK.search(rule.query)))
        if key not in self._plans:
            self._plans[key] = self._planned(*key)
        return self._plans[key]

    def _planned(
        self, number: int, frequency: timedelta, lookback: timedelta, by_clock: bool
    ) -> "_Plan":
        """A tick that sees the very same rows as the one before has the same result."""
        times, case = self._times[number], self.cases[number]
        if case.value is not None:
            last = next_tick(max(arrived for _, arrived in times) - _INSTANT, frequency)
            return _Plan([last], [(last, 0)])
        start = self.start(number)
        if case.judged is not None:
            first = next_tick(start + case.judged[0] - _INSTANT, frequency)
            end = start + case.judged[1]
        else:
            first = next_tick(min(times)[0] - _INSTANT, frequency)
            end = max(times)[0] + lookback
        others = _changes(times, first, frequency, lookback)
        moments: list[datetime] = []
        ticks: list[tuple[datetime, int]] = []
        for tick in range((end - first) // frequency + 1):
            now = first + frequency * tick
            if not moments or tick in others or by_clock:
                moments.append(now)
            ticks.append((now, len(moments) - 1))
        return _Plan(moments, ticks)

    def _write(self, rows: Sequence[CaseRow], start: datetime, where: str) -> None:
        for name in {row.table for row in rows}:
            own = [row for row in rows if row.table == name]
            ready = [self._accepted(row, start + row.offset, where) for row in own]
            seen = [start + row.offset + row.delay for row in own]
            self.tables.store(name, zip(ready, seen, strict=True))

    def _accepted(self, row: CaseRow, at: datetime, where: str) -> dict[str, Any]:
        try:
            return self.tables.accept(row.table, {**row.values, "TimeGenerated": at})
        except RefusedError as error:
            raise RefusedError(*(row.refused(each, where) for each in error.refusals)) from error


@dataclass(frozen=True)
class _Plan:
    """When to evaluate, and which of those results each tick has."""

    moments: list[datetime]
    ticks: list[tuple[datetime, int]]


def _changes(
    times: Sequence[tuple[datetime, datetime]],
    first: datetime,
    frequency: timedelta,
    lookback: timedelta,
) -> set[int]:
    """The ticks, counted from `first`, that see other rows than the tick before.

    A row is seen at every tick in [from when it was made and has arrived, made + lookback).
    """
    found: set[int] = set()
    for made, arrived in times:
        comes = max(0, -((first - max(made, arrived)) // frequency))
        goes = max(0, -((first - made - lookback) // frequency))
        if comes < goes:
            found |= {comes, goes}
    return found


def _advanced(
    rule: AlertRule, tables: LogTables, plan: _Plan, series: Sequence[list[Series]]
) -> Outcome:
    raised: list[Alert] = []

    def keep(alert: Alert, condition: Condition) -> None:
        if condition == "Fired":
            raised.append(alert)

    runner = AlertRuleRunner(rule, tables, keep)
    for now, index in plan.ticks:
        runner.advance(now, series[index])
    measured = tuple(each.value for each in series[-1]) if series else ()
    fired = [dict(alert.dimensions) for alert in raised]
    return Outcome(
        fired,
        runner.closest,
        values=measured,
        raised=tuple(raised),
        evaluations=runner.evaluations,
        violated=sum(any(each.violated for each in series[index]) for _, index in plan.ticks),
    )


def _sorted(alerts: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(alerts, key=lambda each: sorted(each.items()))


def _shown(dimensions: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in dimensions.items()) or "the whole table"
