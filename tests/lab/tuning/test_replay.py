"""Replay: recorded rows, in any order, with bad lines among them, on the logs' own clock."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.content.log_columns import TABLES
from lab.azure.monitor.log_search.alert import Alert, Condition
from lab.azure.monitor.log_search.alert_rule import AlertRuleError, Dimension
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.clock.ticks import next_tick
from lab.logs.log_tables import LogTables
from lab.tuning.replay import Replay, replay
from tests.support.alert_rules import TABLE, a_rule, at

BY_ADDRESS = (Dimension("CIp"),)
NO_DELAY = timedelta(0)
FEW_TABLES = {TABLE: TABLES[TABLE], "AppServiceConsoleLogs": TABLES["AppServiceConsoleLogs"]}


def a_line(minute: float, address: str = "192.0.2.1", **columns: Any) -> str:
    row = {"_table": TABLE, "TimeGenerated": at(minute).isoformat(), "CIp": address, **columns}
    return json.dumps(row)


def story(found: Replay) -> list[tuple[float, float | None, str]]:
    def minute(alert: Alert) -> tuple[float, float | None, str]:
        fired, resolved = (
            None if moment is None else (moment - at(0)) / timedelta(minutes=1)
            for moment in (alert.fired_at, alert.resolved_at)
        )
        assert fired is not None
        return fired, resolved, ",".join(alert.dimensions.values())

    return [minute(alert) for alert in found.alerts]


def test_alerts_fire_and_resolve_on_the_logs_own_clock() -> None:
    lines = [a_line(minute) for minute in (3, 4, 5, 61)]
    found = replay(lines, [a_rule(dimensions=BY_ADDRESS, window=timedelta(minutes=10))])
    assert story(found) == [(10, 25, "192.0.2.1")], "seen at 8, violated at 10 only"
    assert (found.rows, found.refused) == (4, [])
    assert (found.started, found.ended) == (at(3), at(61))


def test_a_recording_may_end_before_an_alert_resolves() -> None:
    found = replay([a_line(minute) for minute in (1, 2, 3)], [a_rule()], NO_DELAY)
    assert story(found) == [(5, None, "")]


def test_rows_arrive_when_the_export_says_or_after_the_delay() -> None:
    lines = [a_line(minute) for minute in (1, 2)]
    late = a_line(3, _TimeReceived=at(12).isoformat())
    rule = a_rule(window=timedelta(minutes=15))
    assert story(replay([*lines, a_line(3)], [rule], timedelta(minutes=3)))[0][0] == 10
    assert story(replay([*lines, a_line(3)], [rule], timedelta(minutes=8)))[0][0] == 15
    assert story(replay([*lines, late], [rule], NO_DELAY))[0][0] == 15


def test_a_row_that_arrives_after_its_window_fires_nothing() -> None:
    lines = [a_line(minute, _TimeReceived=at(30).isoformat()) for minute in (1, 2, 3)]
    assert replay(lines, [a_rule()], NO_DELAY).alerts == []
    assert replay([a_line(minute) for minute in (1, 2, 3)], [a_rule()], NO_DELAY).alerts


def test_a_stateless_rule_fires_at_each_violated_tick() -> None:
    rule = a_rule(auto_mitigate=False, window=timedelta(minutes=15))
    found = replay([a_line(minute) for minute in (1, 2, 3)], [rule], NO_DELAY)
    assert [fired for fired, *_ in story(found)] == [5, 10, 15]


def test_a_rule_that_warns_of_silence_is_not_fooled_by_the_ends_of_the_recording() -> None:
    rule = a_rule(operator="LessThan", threshold=1)
    lines = [a_line(minute) for minute in (1, 4, 6, 9, 26, 29)]
    assert story(replay(lines, [rule], NO_DELAY)) == [(15, None, "")]


def test_a_disabled_rule_says_nothing() -> None:
    lines = [a_line(minute) for minute in (1, 2, 3)]
    assert replay(lines, [a_rule(enabled=False)], NO_DELAY).alerts == []
    assert replay(lines, [a_rule()], NO_DELAY).alerts


def test_alerts_of_all_rules_are_in_order_of_time() -> None:
    lines = [a_line(minute, address) for address in "ba" for minute in (1, 2, 3, 21, 22, 23)]
    rules = [a_rule(name=name, dimensions=BY_ADDRESS) for name in ("second", "first")]
    found = replay(lines, rules, NO_DELAY)
    told = [(alert.fired_at, alert.rule.name, alert.dimensions["CIp"]) for alert in found.alerts]
    assert told == sorted(told)
    assert len(told) == 8, "resolved at 20, fired again at 25"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", ["not JSON", "column 2"]),
        ("[1]", ["list", "JSON object"]),
        ("null", ["JSON object"]),
        ('{"TimeGenerated": "2026-01-05T08:00:00Z"}', ["no table", "_table"]),
        ('{"_table": 5}', ["no table"]),
        ('{"_table": "AppServiceHTTPLog"}', ["'AppServiceHTTPLog'", "'AppServiceHTTPLogs'?"]),
        (a_line(0, TimeGenerated="soon"), ["TimeGenerated", "'soon'"]),
        (a_line(0, TimeGenerated="1026-01-05T08:00:00Z"), ["TimeGenerated", "2000"]),
        (a_line(0, ScStatus="many"), ["ScStatus", "'many'", "whole number"]),
        (a_line(0, ScStatus=1).replace(": 1", ": NaN"), ["ScStatus", "nan"]),
        (a_line(0, ScStatus=1).replace(": 1", ": " + "9" * 5000), ["not JSON", "too long"]),
        (a_line(0, _TimeReceived="later"), ["'later'"]),
        (a_line(0, _TimeReceived=5), ["_TimeReceived 5"]),
        ("[" * 200_000, ["not JSON", "too deep"]),
        (b"\xff\xfe{", ["not UTF-8"]),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_the_rest_is_kept(
    line: str | bytes, words: list[str]
) -> None:
    good = [a_line(minute) for minute in (1, 2, 3)]
    found = replay([good[0], line, *good[1:]], [a_rule()], NO_DELAY)
    ((number, refusal),) = found.refused
    reason = str(refusal)
    assert number == 2
    assert all(word in reason for word in words), reason
    assert "\n" not in reason
    assert len(reason) < 300
    assert (found.rows, len(found.alerts)) == (3, 1)


def test_empty_lines_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    lines: list[str | bytes] = [
        "\ufeff" + a_line(1) + "\r\n",
        "",
        "  \n",
        a_line(2) + "\n",
        a_line(3).encode() + b"\r\n",
    ]
    found = replay(lines, [])
    assert (found.rows, found.refused) == (3, [])


def test_columns_of_azures_own_are_passed_over_and_type_can_name_the_table() -> None:
    row = {"Type": TABLE, "TimeGenerated": "2026-01-05T08:00:00Z", "_ItemId": "x", "TenantId": "t"}
    found = replay([json.dumps(row)], [])
    assert (found.rows, found.refused) == (1, [])


def test_a_recording_without_rows_is_no_error() -> None:
    found = replay(["nonsense"], [a_rule(operator="LessThan")])
    assert (found.rows, found.alerts, found.started, len(found.refused)) == (0, [], None, 1)


def test_a_rule_that_cannot_be_evaluated_ends_the_replay_with_its_name() -> None:
    with pytest.raises(AlertRuleError, match="many-requests.*NoSuchTable"):
        replay([a_line(1)], [a_rule(query="NoSuchTable")])


def test_years_without_rows_cost_nothing() -> None:
    lines = [
        json.dumps({"_table": TABLE, "TimeGenerated": f"{year}-01-05T08:00:0{n}Z", "CIp": "a"})
        for year in (2001, 2026)
        for n in range(3)
    ]
    found = replay(lines, [a_rule(frequency=timedelta(minutes=1))], NO_DELAY)
    assert len(found.alerts) == 2
    assert found.evaluations < 100
    assert [alert.resolved_at is None for alert in found.alerts] == [False, True]


def test_progress_ends_at_one() -> None:
    told: list[float] = []
    replay([a_line(1)], [a_rule(), a_rule(name="b")], progress=told.append)
    assert told == [0.5, 1.0]


rows = st.tuples(
    st.integers(0, 180), st.sampled_from(["192.0.2.1", "192.0.2.2"]), st.integers(0, 40)
)


def lines_of(found: list[tuple[int, str, int]]) -> list[str]:
    return [
        a_line(minute, address, _TimeReceived=at(minute + late).isoformat(), TimeTaken=number)
        for number, (minute, address, late) in enumerate(found)
    ]


def told(found: Replay) -> list[tuple[Any, ...]]:
    return [(a.id, a.value, a.resolved_at, a.window_start) for a in found.alerts]


RULES = [
    a_rule(dimensions=BY_ADDRESS, threshold=1, window=timedelta(minutes=15)),
    a_rule(name="flapping", auto_mitigate=False, periods=3, failing_periods=2, threshold=0),
    a_rule(name="quiet", operator="LessThan", threshold=1),
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, min_size=1, max_size=25), st.randoms())
def test_the_order_of_the_lines_does_not_matter(
    found: list[tuple[int, str, int]], chance: random.Random
) -> None:
    lines = lines_of(found)
    shuffled = chance.sample(lines, len(lines))
    first = replay(lines, RULES, tables=LogTables(tables=FEW_TABLES))
    second = replay(shuffled, RULES, tables=LogTables(tables=FEW_TABLES))
    assert told(first) == told(second)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, min_size=1, max_size=25))
def test_skipping_quiet_ticks_changes_nothing(found: list[tuple[int, str, int]]) -> None:
    tables = LogTables(tables=FEW_TABLES)
    rule = RULES[0]
    quick = replay(lines_of(found), [rule], tables=tables)
    alerts: list[Alert] = []

    def keep(alert: Alert, condition: Condition) -> None:
        if condition == "Fired":
            alerts.append(alert)

    runner = AlertRuleRunner(rule, tables, keep)
    assert quick.started is not None
    assert quick.ended is not None
    now = next_tick(quick.started - timedelta(microseconds=1), rule.frequency)
    while now <= quick.ended + rule.lookback + timedelta(minutes=3):
        runner.tick(now)
        now += rule.frequency
    assert told(quick) == [(a.id, a.value, a.resolved_at, a.window_start) for a in alerts]
