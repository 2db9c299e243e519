"""When alerts fire, stay fired, and resolve."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lab.azure.monitor.log_search import alert_state
from lab.azure.monitor.log_search.alert import Alert, Condition
from lab.azure.monitor.log_search.alert_rule import Dimension, Series
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.logs.log_tables import LogTables
from tests.support.alert_rules import a_rule, at, log

BY_ADDRESS = (Dimension("CIp"),)


class Story:
    """A rule whose evaluations are told minute by minute: the keys that are violated then."""

    def __init__(self, tables: LogTables, **changes: Any) -> None:
        self.events: list[tuple[float, str, str]] = []
        self.alerts: list[Alert] = []
        self.runner = AlertRuleRunner(a_rule(**changes), tables, self.emit)
        self.now = at(0)

    def emit(self, alert: Alert, condition: Condition) -> None:
        if condition == "Fired":
            self.alerts.append(alert)
        minute = (self.now - at(0)) / timedelta(minutes=1)
        self.events.append((minute, condition, ",".join(alert.dimensions.values())))

    def tell(self, minute: float, *violated: str, healthy: tuple[str, ...] = ()) -> None:
        self.now = at(minute)
        series = [a_series(key, True, self.now) for key in violated]
        series += [a_series(key, False, self.now) for key in healthy]
        self.runner.advance(self.now, series)


def a_series(key: str, violated: bool, now: datetime) -> Series:
    dimensions = {"CIp": key} if key else {}
    return Series(dimensions, 9.0 if violated else 1.0, violated, now - timedelta(minutes=5), now)


def test_a_stateful_alert_fires_once_however_long_it_stays_violated(tables: LogTables) -> None:
    story = Story(tables)
    for minute in range(0, 60, 5):
        story.tell(minute, "a")
    assert story.events == [(0, "Fired", "a")]


@pytest.mark.parametrize(
    ("frequency", "resolved"),
    [(1, 10), (5, 15), (10, 30), (15, 45), (30, 60), (60, 120)],
)
def test_it_resolves_when_it_has_been_healthy_long_enough(
    tables: LogTables, frequency: int, resolved: int
) -> None:
    story = Story(tables, frequency=timedelta(minutes=frequency))
    story.tell(0, "a")
    for minute in range(frequency, 4 * 60, frequency):
        story.tell(minute, healthy=("a",))
    assert story.events == [(0, "Fired", "a"), (resolved, "Resolved", "a")]
    assert story.alerts[0].resolved_at == at(resolved)
    assert story.alerts[0].condition == "Resolved"


def test_a_series_that_is_gone_is_healthy_too(tables: LogTables) -> None:
    story = Story(tables)
    story.tell(0, "a")
    for minute in (5, 10, 15):
        story.tell(minute)
    assert story.events[-1] == (15, "Resolved", "a")


def test_a_relapse_starts_the_healthy_time_anew(tables: LogTables) -> None:
    story = Story(tables)
    for minute, violated in ((0, True), (5, False), (10, True), (15, False), (20, False)):
        story.tell(minute, *(["a"] if violated else []))
    assert story.events == [(0, "Fired", "a")]
    story.tell(25)
    assert story.events[-1] == (25, "Resolved", "a")


def test_after_resolving_it_fires_again_as_a_new_alert(tables: LogTables) -> None:
    story = Story(tables)
    story.tell(0, "a")
    story.tell(15)
    story.tell(20, "a")
    assert [event[1] for event in story.events] == ["Fired", "Resolved", "Fired"]
    assert story.alerts[0].id != story.alerts[1].id


def test_series_fire_and_resolve_on_their_own(tables: LogTables) -> None:
    story = Story(tables)
    story.tell(0, "a")
    story.tell(5, "a", "b")
    for minute in (10, 15, 20):
        story.tell(minute, "b")
    assert story.events == [(0, "Fired", "a"), (5, "Fired", "b"), (20, "Resolved", "a")]


def test_an_explicit_time_to_resolve_comes_before_the_table(tables: LogTables) -> None:
    story = Story(tables, resolve_after=timedelta(minutes=5))
    story.tell(0, "a")
    story.tell(5)
    assert story.events[-1] == (5, "Resolved", "a")


def test_a_stateless_rule_fires_at_every_violated_evaluation_and_never_resolves(
    tables: LogTables,
) -> None:
    story = Story(tables, auto_mitigate=False)
    for minute in (0, 5, 10):
        story.tell(minute, "a")
    for minute in (15, 20, 25, 30):
        story.tell(minute)
    assert [event[:2] for event in story.events] == [(0, "Fired"), (5, "Fired"), (10, "Fired")]
    assert {alert.muted for alert in story.alerts} == {False}


def test_a_mute_keeps_the_record_and_silences_each_series_for_its_duration(
    tables: LogTables,
) -> None:
    story = Story(tables, auto_mitigate=False, mute=timedelta(minutes=10))
    story.tell(0, "a")
    story.tell(5, "a", "b")
    story.tell(10, "a", "b")
    story.tell(15, "b")
    muted = [
        (minute, key)
        for (minute, _, key), alert in zip(story.events, story.alerts, strict=True)
        if alert.muted
    ]
    assert muted == [(5, "a"), (10, "b")]
    assert len(story.events) == 6


@pytest.mark.parametrize(("stateful", "cap"), [(True, 300), (False, 6_000)])
def test_one_evaluation_fires_at_most_azures_cap(
    tables: LogTables, stateful: bool, cap: int
) -> None:
    story = Story(tables, auto_mitigate=stateful)
    story.tell(0, *(str(number) for number in range(cap + 7)))
    assert len(story.alerts) == cap
    assert story.runner.dropped == 7


def test_a_series_beyond_the_cap_fires_at_the_next_evaluation(tables: LogTables) -> None:
    story = Story(tables)
    keys = [str(number) for number in range(301)]
    story.tell(0, *keys)
    story.tell(5, *keys)
    assert [event[0] for event in story.events].count(5) == 1


def test_a_rule_holds_at_most_5000_fired_alerts(
    tables: LogTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_state, "ACTIVE_CAP", 3)
    story = Story(tables)
    story.tell(0, "a", "b", "c", "d")
    assert len(story.alerts) == 3


def test_ticks_read_the_tables_and_a_late_row_fires_a_tick_later(tables: LogTables) -> None:
    story = Story(tables, dimensions=BY_ADDRESS, window=timedelta(minutes=10))
    log(tables, 3, 4, CIp="192.0.2.1", seen=4)
    log(tables, 4.5, CIp="192.0.2.1", seen=7)
    for minute in (5, 10, 15):
        story.now = at(minute)
        story.runner.tick(at(minute))
    assert story.events == [(10, "Fired", "192.0.2.1")]
    assert story.alerts[0].value == 3
    assert (story.alerts[0].window_start, story.alerts[0].window_end) == (at(0), at(10))


def test_overlapping_windows_read_one_burst_twice_and_alert_once(tables: LogTables) -> None:
    story = Story(tables, window=timedelta(minutes=15))
    log(tables, 1, 2, 3)
    for minute in range(5, 45, 5):
        story.now = at(minute)
        story.runner.tick(at(minute))
    assert story.events == [(5, "Fired", ""), (30, "Resolved", "")], "violated at 5, 10 and 15"


def test_a_disabled_rule_is_not_evaluated(tables: LogTables) -> None:
    story = Story(tables, enabled=False, operator="LessThan")
    story.runner.tick(at(5))
    assert (story.runner.evaluations, story.events) == (0, [])


def test_a_query_that_cannot_be_run_is_a_failure_with_its_time_and_changes_no_alert(
    tables: LogTables,
) -> None:
    story = Story(tables, query="NoSuchTable")
    story.runner.tick(at(5))
    assert [when for when, _ in story.runner.failures] == [at(5)]
    assert "NoSuchTable" in story.runner.failures[0][1]
    assert story.runner.evaluations == 0


def test_the_closest_series_is_kept_for_rules_that_never_fire(tables: LogTables) -> None:
    story = Story(tables, threshold=5)
    for minutes in ((1,), (6, 7, 8), (11, 12)):
        log(tables, *minutes)
    for minute in (5, 10, 15):
        story.runner.tick(at(minute))
    assert story.events == []
    assert story.runner.closest is not None
    assert story.runner.closest.value == 3


@pytest.mark.parametrize(
    ("operator", "threshold", "closest"),
    [
        ("GreaterThan", 9.0, 7.0),
        ("GreaterThanOrEqual", 9.0, 7.0),
        ("LessThan", 1.0, 2.0),
        ("LessThanOrEqual", 1.0, 2.0),
        ("Equal", 5.0, 4.0),
    ],
)
def test_what_is_closest_depends_on_the_side_from_which_a_rule_fires(
    tables: LogTables, operator: str, threshold: float, closest: float
) -> None:
    story = Story(tables, operator=operator, threshold=threshold)
    for value in (7.0, 2.0, 4.0, 7.0):
        story.runner.advance(at(5), [Series({}, value, False, at(0), at(5))])
    assert story.runner.closest is not None
    assert story.runner.closest.value == closest
