"""Ticks that are evaluated together tell what each would have told alone, at its own time."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from lab.azure.monitor.log_search import batch
from lab.azure.monitor.log_search.alert import Alert, Condition
from lab.azure.monitor.log_search.alert_rule import AlertRule, Dimension, evaluate_all
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.logs.log_tables import LogTables
from tests.support.alert_rules import TABLE, a_rule, at, log

TICKS = [at(minute) for minute in range(0, 125, 5)]
BY_ADDRESS: dict[str, Any] = {"dimensions": (Dimension("CIp"),), "threshold": 3}
RULES = {
    "count": a_rule(**BY_ADDRESS),
    "a longer window": a_rule(window=timedelta(minutes=20), **BY_ADDRESS),
    "periods": a_rule(query=TABLE, periods=3, failing_periods=2, threshold=8),
    "on nothing": a_rule(operator="LessThan", threshold=1),
    "stateless": a_rule(auto_mitigate=False, **BY_ADDRESS),
    "an error in some rows": a_rule(
        query=f"{TABLE} | extend N = 10 / (ScStatus - 404) | where N != 1", threshold=9
    ),
    "a query that cannot be run": a_rule(query=f"{TABLE} | where Nothing == 1"),
}


@pytest.fixture
def busy(tables: LogTables) -> LogTables:
    """Two hours with bursts and pauses; rows arrive up to nine minutes late."""
    dice = Random(7)  # noqa: S311
    for burst in range(14):
        start = dice.uniform(0, 90)
        for _ in range(dice.randrange(3, 12)):
            when = start + dice.uniform(0, 3)
            status = dice.choice((200, 404))
            seen = when + dice.uniform(0, 9)
            log(tables, when, seen=seen, CIp=f"192.0.2.{burst % 3}", ScStatus=status)
    return tables


class Told:
    """A rule evaluated at its ticks, and everything that can be seen of it."""

    def __init__(self, rule: AlertRule, tables: LogTables) -> None:
        self.events: list[Any] = []
        self.runner = AlertRuleRunner(rule, tables, self._hear)

    def _hear(self, alert: Alert, condition: Condition) -> None:
        when = alert.fired_at if condition == "Fired" else alert.resolved_at
        self.events.append((condition, when, alert.key, alert.value))

    @property
    def all(self) -> tuple[Any, ...]:
        runner = self.runner
        return self.events, runner.failures, runner.evaluations, runner.closest


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many ticks each statement was for."""
    asked: list[int] = []

    def counted(rule: AlertRule, tables: LogTables, ticks: Any) -> Any:
        asked.append(len(ticks))
        return evaluate_all(rule, tables, ticks)

    monkeypatch.setattr(batch, "evaluate_all", counted)
    return asked


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("most", [60, 4])
def test_ticks_together_tell_what_each_tells_alone(
    busy: LogTables, name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MAX_TICKS", most)
    alone, together = Told(RULES[name], busy), Told(RULES[name], busy)
    for tick in TICKS:
        alone.runner.tick(tick)
        together.runner.tick(tick, TICKS[-1])
    assert together.all == alone.all
    assert alone.events or alone.runner.failures


def test_one_statement_serves_all_ticks_whose_rows_are_there(
    busy: LogTables, statements: list[int]
) -> None:
    told = Told(RULES["count"], busy)
    for tick in TICKS:
        told.runner.tick(tick, TICKS[-1])
    assert statements == [len(TICKS)]


def test_a_row_that_comes_after_all_is_seen_at_its_tick(
    tables: LogTables, statements: list[int]
) -> None:
    told = Told(a_rule(), tables)
    log(tables, 1)
    told.runner.tick(at(5), at(30))
    log(tables, 11, 12, 13)
    told.runner.tick(at(10), at(30))
    told.runner.tick(at(15), at(30))
    assert [event[:2] for event in told.events] == [("Fired", at(15))]
    assert statements == [6, 5]


def test_only_the_tick_itself_is_evaluated_while_rows_may_still_come(
    busy: LogTables, statements: list[int]
) -> None:
    told = Told(RULES["count"], busy)
    for tick in TICKS:
        told.runner.tick(tick, tick)
    assert statements == []
    assert told.events, "each tick was evaluated, by itself"


def test_many_rows_are_taken_a_few_ticks_at_a_time(
    busy: LogTables, statements: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MAX_ROWS", 5 * busy.size(TABLE))
    told = Told(RULES["count"], busy)
    for tick in TICKS:
        told.runner.tick(tick, TICKS[-1])
    assert set(statements) == {5}
