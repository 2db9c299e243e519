"""One evaluation of a log search alert rule, as Microsoft's pages describe it."""

from datetime import timedelta
from typing import Any

import pytest

from lab.azure.monitor.log_search.alert_rule import (
    AlertRule,
    AlertRuleError,
    Dimension,
    Series,
    evaluate,
    evaluate_all,
)
from lab.logs.log_tables import LogTables
from tests.support.alert_rules import TABLE, a_rule, at, log

BY_ADDRESS = (Dimension("CIp"),)


def only(series: list[Series]) -> Series:
    assert len(series) == 1, series
    return series[0]


# What counts: (now - lookback, now], and only what has arrived.


def test_a_row_at_the_start_of_the_window_is_out_and_one_at_its_end_is_in(
    tables: LogTables,
) -> None:
    log(tables, 0, 5)
    assert only(evaluate(a_rule(), tables, at(5))).value == 1
    assert only(evaluate(a_rule(), tables, at(4.99))).value == 1, "the row of minute 0"
    assert only(evaluate(a_rule(), tables, at(10))).value == 0, "windows that touch share no row"


def test_a_row_that_has_not_arrived_does_not_count_though_it_lies_in_the_window(
    tables: LogTables,
) -> None:
    log(tables, 2, 3, 4, seen=6)
    assert only(evaluate(a_rule(), tables, at(5))).value == 0
    assert only(evaluate(a_rule(), tables, at(6))).value == 3


def test_a_row_that_arrives_after_its_window_is_lost_for_it(tables: LogTables) -> None:
    log(tables, 1, 1.1, 1.2, seen=12)
    assert not any(only(evaluate(a_rule(), tables, at(now))).violated for now in (5, 10, 15))
    log(tables, 1, 1.1, 1.2, seen=2)
    assert only(evaluate(a_rule(), tables, at(5))).violated


def test_hindsight_sees_what_arrived_later(tables: LogTables) -> None:
    log(tables, 2, 3, 4, seen=8)
    assert only(evaluate(a_rule(), tables, at(5), seen_at=at(8))).value == 3


def test_the_query_never_sees_more_than_two_days(tables: LogTables) -> None:
    log(tables, -60 * 24 * 3, -60 * 24 * 2 + 1, -1)
    rule = a_rule(window=timedelta(days=2), query=f"{TABLE} | where TimeGenerated > ago(7d)")
    assert only(evaluate(rule, tables, at(0))).value == 2


def test_a_longer_query_time_range_is_what_the_query_sees(tables: LogTables) -> None:
    log(tables, -50, -30, -1)
    summarised = f"{TABLE} | summarize n = count()"
    rule = a_rule(
        query=summarised, aggregation="Total", measure_column="n", query_range=timedelta(hours=1)
    )
    assert only(evaluate(rule, tables, at(0))).value == 3
    raw = a_rule(query_range=timedelta(hours=1))
    assert only(evaluate(raw, tables, at(0))).value == 1, "rows with a time fall into its window"


def test_a_filter_on_time_in_the_text_only_narrows_the_window(tables: LogTables) -> None:
    log(tables, -9, -4, -1)
    narrow = a_rule(query=f"{TABLE} | where TimeGenerated > ago(2m)")
    wide = a_rule(query=f"{TABLE} | where TimeGenerated > ago(2h)")
    assert only(evaluate(narrow, tables, at(0))).value == 1
    assert only(evaluate(wide, tables, at(0))).value == 2


# How rows become a number.


@pytest.mark.parametrize(
    ("aggregation", "value"),
    [("Total", 60.0), ("Average", 20.0), ("Minimum", 10.0), ("Maximum", 30.0)],
)
def test_the_measure_column_is_reduced(tables: LogTables, aggregation: str, value: float) -> None:
    for number, taken in enumerate((10, 20, 30)):
        log(tables, number, TimeTaken=taken)
    log(tables, 3)  # null is no value
    rule = a_rule(aggregation=aggregation, measure_column="TimeTaken")
    assert only(evaluate(rule, tables, at(4))).value == value


def test_count_counts_the_rows_of_the_result_not_of_the_table(tables: LogTables) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        log(tables, 1, 2, 3, CIp=address)
    rule = a_rule(query=f"{TABLE} | summarize n = count() by CIp | where n >= 3")
    assert only(evaluate(rule, tables, at(4))).value == 2


@pytest.mark.parametrize(
    ("operator", "violated"),
    [
        ("GreaterThan", [False, False, True]),
        ("GreaterThanOrEqual", [False, True, True]),
        ("LessThan", [True, False, False]),
        ("LessThanOrEqual", [True, True, False]),
        ("Equal", [False, True, False]),
    ],
)
def test_each_operator_at_below_and_above_its_threshold(
    tables: LogTables, operator: str, violated: list[bool]
) -> None:
    log(tables, 1, 2, 3)
    found = [
        only(evaluate(a_rule(operator=operator, threshold=threshold), tables, at(4))).violated
        for threshold in (4, 3, 2)
    ]
    assert found == violated


# Time series.


def test_each_combination_of_dimension_values_is_a_series_of_its_own(tables: LogTables) -> None:
    log(tables, 1, 2, 3, CIp="192.0.2.1", ScStatus=401)
    log(tables, 1, 2, CIp="192.0.2.2", ScStatus=401)
    log(tables, 1, CIp="192.0.2.2", ScStatus=404)
    rule = a_rule(dimensions=(Dimension("CIp"), Dimension("ScStatus")))
    found = [(each.dimensions, each.value, each.violated) for each in evaluate(rule, tables, at(4))]
    assert found == [
        ({"CIp": "192.0.2.1", "ScStatus": "401"}, 3, True),
        ({"CIp": "192.0.2.2", "ScStatus": "401"}, 2, False),
        ({"CIp": "192.0.2.2", "ScStatus": "404"}, 1, False),
    ]


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (Dimension("CsMethod"), ["GET", "POST", "PUT"]),
        (Dimension("CsMethod", "Include", ("POST", "PUT")), ["POST", "PUT"]),
        (Dimension("CsMethod", "Include", ("post",)), []),
        (Dimension("CsMethod", "Exclude", ("GET",)), ["POST", "PUT"]),
        (Dimension("CsMethod", "Exclude", ("*",)), []),
    ],
)
def test_a_dimension_includes_or_excludes_values(
    tables: LogTables, dimension: Dimension, values: list[str]
) -> None:
    for method in ("GET", "POST", "PUT"):
        log(tables, 1, CsMethod=method)
    found = evaluate(a_rule(dimensions=(dimension,)), tables, at(4))
    assert [each.dimensions["CsMethod"] for each in found] == values


def test_dimension_values_are_text_and_an_absent_one_is_empty(tables: LogTables) -> None:
    log(tables, 1, ScStatus=404)
    log(tables, 1)
    found = evaluate(a_rule(dimensions=(Dimension("ScStatus"),)), tables, at(4))
    assert [each.dimensions for each in found] == [{"ScStatus": ""}, {"ScStatus": "404"}]


def test_values_that_look_like_sql_are_only_values(tables: LogTables) -> None:
    strange = 'x\'); DROP TABLE store."AppServiceHTTPLogs"; --'
    log(tables, 1, CsUriStem=strange)
    dimension = Dimension("CsUriStem", "Include", (strange,))
    assert only(evaluate(a_rule(dimensions=(dimension,)), tables, at(4))).value == 1


def test_a_resource_id_column_splits_like_a_dimension(tables: LogTables) -> None:
    log(tables, 1, _ResourceId="/a")
    log(tables, 1, 2, _ResourceId="/b")
    found = evaluate(a_rule(resource_id_column="_ResourceId"), tables, at(4))
    assert [(each.dimensions, each.value) for each in found] == [
        ({"_ResourceId": "/a"}, 1),
        ({"_ResourceId": "/b"}, 2),
    ]


# Nothing at all.


def test_no_row_counts_as_zero_without_dimensions(tables: LogTables) -> None:
    rule = a_rule(operator="LessThan", threshold=1)
    assert only(evaluate(rule, tables, at(5))).violated


def test_no_row_makes_no_series_with_dimensions(tables: LogTables) -> None:
    rule = a_rule(operator="LessThan", threshold=1, dimensions=BY_ADDRESS)
    assert evaluate(rule, tables, at(5)) == []


def test_no_row_has_no_average(tables: LogTables) -> None:
    rule = a_rule(operator="LessThan", aggregation="Average", measure_column="TimeTaken")
    assert evaluate(rule, tables, at(5)) == []


# Several evaluation periods.


@pytest.mark.parametrize(
    ("bursts", "failing", "violated"),
    [
        ((1, 6, 11), 3, True),
        ((1, 6), 3, False),
        ((1, 6), 2, True),
        ((11,), 2, False),
        ((1,), 1, True),
    ],
)
def test_enough_of_the_last_periods_must_fail(
    tables: LogTables, bursts: tuple[int, ...], failing: int, violated: bool
) -> None:
    for burst in bursts:
        log(tables, burst, burst + 1, burst + 2)
    rule = a_rule(periods=3, failing_periods=failing)
    found = only(evaluate(rule, tables, at(15)))
    assert found.violated is violated
    assert (found.window_start, found.window_end) == (at(0), at(15))


def test_periods_end_at_the_evaluation_not_at_full_minutes(tables: LogTables) -> None:
    log(tables, 1, 2, 3)
    rule = a_rule(periods=2, failing_periods=1)
    assert only(evaluate(rule, tables, at(5.5))).violated, "all three in (0.5, 5.5]"
    assert not only(evaluate(rule, tables, at(7.5))).violated, "two periods share them"


def test_a_row_on_the_border_of_two_periods_belongs_to_the_newer(tables: LogTables) -> None:
    log(tables, 5, 6, 7)
    assert only(evaluate(a_rule(periods=2), tables, at(10))).value == 3


def test_a_query_that_bins_by_time_fills_the_period_that_its_bin_begins(
    tables: LogTables,
) -> None:
    log(tables, 1, 2, 3, 6)
    rule = a_rule(
        query=f"{TABLE} | summarize n = count() by bin(TimeGenerated, 5m)",
        aggregation="Total",
        measure_column="n",
        periods=2,
        failing_periods=1,
        threshold=0,
        operator="GreaterThanOrEqual",
    )
    assert only(evaluate(rule, tables, at(10))).value == 1, "minute 6, the newest period"
    assert only(evaluate(a_rule(periods=2), tables, at(10))).value == 3, "the period that fails"


def test_a_period_without_rows_counts_as_zero_only_without_dimensions(tables: LogTables) -> None:
    log(tables, 1, 2, 3, CIp="192.0.2.1")
    quiet = {"operator": "LessThan", "threshold": 1, "periods": 2, "failing_periods": 1}
    assert only(evaluate(a_rule(**quiet), tables, at(10))).violated
    assert not only(evaluate(a_rule(**quiet, dimensions=BY_ADDRESS), tables, at(10))).violated


# Many evaluations at once, and rules that cannot be evaluated.


def test_many_evaluations_at_once_are_the_same_as_each_alone(tables: LogTables) -> None:
    log(tables, *(number * 0.9 for number in range(40)), CIp="192.0.2.1")
    log(tables, *(number * 1.7 for number in range(20)), CIp="192.0.2.2", seen=30)
    rule = a_rule(dimensions=BY_ADDRESS, periods=2)
    moments = [at(minute) for minute in range(0, 50, 3)]
    together = evaluate_all(rule, tables, moments)
    assert together == [evaluate(rule, tables, now) for now in moments]
    assert any(together)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"query": f"{TABLE} | where Status == 1"}, ["column 'Status'", "'ScStatus'?", "line 1"]),
        ({"query": "AppServiceHttpLogs"}, ["'AppServiceHTTPLogs'?"]),
        ({"query": f"{TABLE} | wherex"}, ["operator 'wherex'", "'where'?", "line 1"]),
        ({"query": f"{TABLE} | where ("}, ["'(' is not closed", "expected ')'", "line 1"]),
        ({"dimensions": (Dimension("Cip"),)}, ["column 'Cip'", "result", "'CIp'?"]),
        (
            {"aggregation": "Total", "measure_column": "TimeTake"},
            ["column 'TimeTake'", "'TimeTaken'?"],
        ),
        ({"aggregation": "Total", "measure_column": "CIp"}, ["'CIp'", "no number"]),
        (
            {"query": f"{TABLE} | summarize n = count() by CIp", "periods": 2},
            ["no TimeGenerated", "2 evaluation periods"],
        ),
    ],
)
def test_a_rule_that_cannot_be_evaluated_says_what_is_wrong(
    tables: LogTables, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(AlertRuleError) as caught:
        evaluate(a_rule(**changes), tables, at(0))
    message = str(caught.value)
    assert all(word in message for word in ("many-requests", *words)), message
    assert "\n" not in message


# From the resource's properties.


def an_arm_rule(**changes: Any) -> dict[str, Any]:
    return {
        "displayName": "Many requests",
        "severity": 2.0,
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "scopes": ["/workspace"],
        "criteria": {
            "allOf": [
                {
                    "query": TABLE,
                    "timeAggregation": "Total",
                    "metricMeasureColumn": "TimeTaken",
                    "operator": "GreaterThan",
                    "threshold": 10.0,
                    "dimensions": [{"name": "CIp", "operator": "Exclude", "values": ["x"]}],
                    "failingPeriods": {
                        "numberOfEvaluationPeriods": 3.0,
                        "minFailingPeriodsToAlert": 2.0,
                    },
                }
            ]
        },
        "actions": {"actionGroups": ["/group"], "customProperties": {"playbook": "block"}},
        **changes,
    }


def test_a_rule_is_read_from_the_properties_of_its_resource() -> None:
    rule = AlertRule.from_arm(an_arm_rule(), id="/rule", name="many")
    assert rule.window == timedelta(minutes=15)
    assert rule.window_size == "PT15M"
    assert rule.lookback == timedelta(minutes=45)
    assert rule.dimensions == (Dimension("CIp", "Exclude", ("x",)),)
    assert (rule.periods, rule.failing_periods) == (3, 2)
    assert (rule.severity, rule.enabled, rule.action_groups) == (2, True, ("/group",))
    assert rule.custom_properties == {"playbook": "block"}


@pytest.mark.parametrize(
    ("changes", "stateful"),
    [
        ({}, True),
        ({"autoMitigate": True}, True),
        ({"autoMitigate": False}, False),
        ({"resolveConfiguration": {"autoResolved": True, "timeToResolve": "PT20M"}}, True),
        ({"resolveConfiguration": {"autoResolved": False}}, False),
    ],
)
def test_a_rule_is_stateful_unless_it_says_otherwise(
    changes: dict[str, Any], stateful: bool
) -> None:
    assert AlertRule.from_arm(an_arm_rule(**changes)).auto_mitigate is stateful


@pytest.mark.parametrize(
    ("frequency", "healthy"),
    [(1, 10), (5, 15), (15, 45), (30, 60), (11 * 60, 22 * 60), (12 * 60, 12 * 60)],
)
def test_the_healthy_time_follows_the_frequency(frequency: int, healthy: int) -> None:
    rule = a_rule(frequency=timedelta(minutes=frequency))
    assert rule.healthy_time == timedelta(minutes=healthy)
