"""What Azure would refuse is found before it is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from components.limits import alert_rule
from components.limits.alert_rule import AlertRuleValues

RULE = AlertRuleValues(
    severity=2,
    evaluation_frequency="PT5M",
    window_size="PT30M",
    time_aggregation="Total",
    metric_measure_column="Failures",
    operator="GreaterThanOrEqual",
    threshold=20,
    query="T | summarize Failures = count() by bin(TimeGenerated, 5m)",
    dimensions=("SrcIpAddr",),
)


def test_a_sound_rule_has_no_problems() -> None:
    assert alert_rule.refusals(RULE) == []
    assert alert_rule.refusals(replace(RULE, severity=9))


@pytest.mark.parametrize(
    ("changes", "property_"),
    [
        ({"severity": 5}, "severity"),
        ({"evaluation_frequency": "PT20M"}, "evaluationFrequency"),
        ({"window_size": "PT20M"}, "windowSize"),
        ({"operator": "Equals"}, "operator"),
        ({"time_aggregation": "Sum"}, "timeAggregation"),
        ({"time_aggregation": "Count"}, "metricMeasureColumn"),
        ({"metric_measure_column": None}, "metricMeasureColumn"),
        ({"number_of_evaluation_periods": 7}, "numberOfEvaluationPeriods"),
        ({"min_failing_periods": 2}, "minFailingPeriodsToAlert"),
        ({"dimensions": tuple("abcdefg")}, "dimensions"),
        ({"dimensions": ("a", "a")}, "dimensions"),
        ({"description": "x" * 4097}, "description"),
        ({"evaluation_frequency": "PT1H"}, "evaluationFrequency"),
        ({"window_size": "P1D", "number_of_evaluation_periods": 3}, "windowSize"),
        ({"window_size": "PT1M", "number_of_evaluation_periods": 6}, "windowSize"),
        ({"override_query_time_range": "PT15M"}, "overrideQueryTimeRange"),
        ({"override_query_time_range": "PT12H"}, "overrideQueryTimeRange"),
        ({"mute_actions_duration": "PT12H"}, "muteActionsDuration"),
        ({"mute_actions_duration": "PT1H"}, "autoMitigate"),
        ({"mute_actions_duration": "PT1H", "auto_mitigate": True}, "autoMitigate"),
        (
            {"evaluation_frequency": "P1D", "window_size": "P1D", "auto_mitigate": True},
            "autoMitigate",
        ),
        ({"number_of_evaluation_periods": 2, "query": "T | count"}, "numberOfEvaluationPeriods"),
        ({"query": "T | evaluate pivot(a)"}, "query"),
        ({"query": "T | where TimeGenerated > ago(span)"}, "query"),
        ({"evaluation_frequency": "PT1M", "query": "T | take 5"}, "query"),
    ],
)
def test_each_limit_is_named_by_its_property(changes: dict[str, object], property_: str) -> None:
    found = alert_rule.refusals(replace(RULE, **changes))  # type: ignore[arg-type]
    assert [each.where.property for each in found] == [property_]
    assert found[0].expected.startswith("expected ")


@pytest.mark.parametrize(
    "changes",
    [
        {"mute_actions_duration": "PT1H", "auto_mitigate": False},
        {"number_of_evaluation_periods": 4, "min_failing_periods": 4},
        {"window_size": "PT1M", "evaluation_frequency": "PT1M"},
        {"time_aggregation": "Count", "metric_measure_column": None},
        {"query": "T | where TimeGenerated > ago(15m)"},
    ],
)
def test_what_azure_takes_is_taken(changes: dict[str, object]) -> None:
    assert alert_rule.refusals(replace(RULE, **changes)) == []  # type: ignore[arg-type]
    assert alert_rule.refusals(replace(RULE, severity=9, **changes))  # type: ignore[arg-type]


def test_durations_are_read() -> None:
    assert alert_rule.duration("PT15M") == timedelta(minutes=15)
    assert alert_rule.duration("P1DT2H3M4S") == timedelta(days=1, hours=2, minutes=3, seconds=4)


@pytest.mark.parametrize("text", ["", "P", "PT", "15M", "PT15", "P1W", "PT1.5H", "-PT5M"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected ISO 8601"):
        alert_rule.duration(text)


@pytest.mark.parametrize(
    ("text", "words"), [("PT30M", "30 min"), ("PT1H", "1 h"), ("P1DT2H5S", "1 d 2 h 5 s")]
)
def test_durations_are_told_in_words(text: str, words: str) -> None:
    assert alert_rule.in_words(text) == words


def test_six_dimensions_are_taken_and_seven_are_not() -> None:
    """Dimensions a rule may split by: six ("Create or edit a log search alert rule")."""
    assert alert_rule.refusals(replace(RULE, dimensions=tuple("abcdef"))) == []
    (found,) = alert_rule.refusals(replace(RULE, dimensions=tuple("abcdefg")))
    assert found.where.property == "dimensions"
    assert "at most 6" in found.expected


@pytest.mark.parametrize("long", ["PT12H", "P1D"])
def test_a_stateful_rule_looks_at_least_twice_a_day(long: str) -> None:
    """ "Stateful alerts are not supported for a frequency of more than 12 hours"."""
    daily = replace(RULE, evaluation_frequency=long, window_size="P1D", auto_mitigate=True)
    stateful = [
        each for each in alert_rule.refusals(daily) if each.where.property == "autoMitigate"
    ]
    assert bool(stateful) == (long == "P1D")
    assert alert_rule.refusals(replace(daily, evaluation_frequency="P2D"))


def test_a_mute_is_at_least_as_long_as_the_frequency() -> None:
    muted = replace(RULE, evaluation_frequency="PT15M", window_size="PT15M", auto_mitigate=False)
    assert alert_rule.refusals(replace(muted, mute_actions_duration="PT15M")) == []
    (found,) = alert_rule.refusals(replace(muted, mute_actions_duration="PT10M"))
    assert found.where.property == "muteActionsDuration"


def test_a_construct_that_one_minute_forbids_is_named() -> None:
    each_minute = replace(RULE, evaluation_frequency="PT1M", window_size="PT5M")
    for text, name in (("T | take 5", "take"), ("union T, U", "union"), ("T | limit 5", "limit")):
        (found,) = alert_rule.refusals(replace(each_minute, query=text))
        assert found.value == name
