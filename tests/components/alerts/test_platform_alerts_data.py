"""The tables behind PlatformAlerts: what they say, and own values for them."""

import re

import pytest

from components.alerts.activity_log_alerts import ACTIVITY_LOG_ALERTS, ActivityLogAlert
from components.alerts.arguments import scope_of, subscription_of
from components.alerts.metric_alerts import METRIC_ALERTS, NAMESPACES, MetricAlert
from components.alerts.metric_overrides import configured
from components.limits import availability_test, metric_alert
from components.limits.activity_log import CATEGORIES
from components.limits.alert_rule import duration
from components.limits.metric_alert import COARSEST_WINDOW, METRICS
from components.limits.refusal import RefusedError

GROUP = "/subscriptions/0/resourceGroups/rg"
EVERY: tuple[MetricAlert | ActivityLogAlert, ...] = (*METRIC_ALERTS, *ACTIVITY_LOG_ALERTS)


def test_roles_are_unique_because_children_are_named_after_them() -> None:
    roles = [each.role for each in EVERY]
    assert len(set(roles)) == len(roles)
    assert not [role for role in roles if not re.fullmatch(r"[a-z]+(-[a-z]+){0,2}", role)]


@pytest.mark.parametrize("alert", METRIC_ALERTS, ids=lambda each: each.role)
def test_each_metric_alert_has_values_that_azure_takes(alert: MetricAlert) -> None:
    limits = metric_alert
    assert alert.frequency in limits.FREQUENCIES
    assert alert.window in limits.WINDOWS
    assert duration(alert.window) >= duration(alert.frequency)
    assert alert.severity in limits.SEVERITIES
    if alert.target != "availability":
        assert alert.aggregation in METRICS[NAMESPACES[alert.target]][alert.metric]
    coarsest = COARSEST_WINDOW.get(alert.metric, "PT1M")
    assert duration(alert.window) >= duration(coarsest)
    assert (alert.threshold is None) == alert.is_dynamic
    operators = limits.DYNAMIC_OPERATORS if alert.is_dynamic else limits.STATIC_OPERATORS
    assert alert.operator in operators
    assert alert.signal
    assert alert.default


def test_each_alert_says_why_and_how_to_tune_in_whole_sentences() -> None:
    for each in EVERY:
        for text in (each.why, each.tune):
            assert text.endswith((".", ".)")), each.role
            assert "  " not in text, each.role
        assert len(f"{each.title}. {each.why}") < 1000, each.role


def test_the_availability_test_keeps_azures_limits() -> None:
    places = availability_test.LOCATIONS
    assert 5 <= len(places) <= availability_test.MAX_LOCATIONS
    assert availability_test.FREQUENCY_SECONDS in availability_test.FREQUENCIES
    (alert,) = [each for each in METRIC_ALERTS if each.target == "availability"]
    assert alert.threshold == len(places) - 2, "Microsoft's advice"
    assert alert.most == len(places)
    window = duration(alert.window).total_seconds()
    assert window >= availability_test.FREQUENCY_SECONDS, "each place asks once in a window"


def test_each_activity_rule_is_of_one_known_category() -> None:
    for each in ACTIVITY_LOG_ALERTS:
        assert each.category in CATEGORIES
        fields = [condition[0] for condition in each.conditions]
        assert "category" not in fields
        assert all(values for _, values in each.conditions)


def test_tampering_with_monitoring_rings_at_once_and_whole() -> None:
    operations = {
        operation: each.urgent
        for each in ACTIVITY_LOG_ALERTS
        for field, values in each.conditions
        if field == "operationName"
        for operation in values
    }
    for kind in ("scheduledQueryRules", "metricAlerts", "activityLogAlerts", "actionGroups"):
        for verb in ("write", "delete"):
            assert operations[f"Microsoft.Insights/{kind}/{verb}"], "urgent"
    assert operations["Microsoft.Insights/diagnosticSettings/delete"]
    assert "Microsoft.Web/sites/config/write" in operations


@pytest.mark.parametrize(
    ("role", "changes", "words"),
    [
        ("client-error", {}, ["client-error is not an alert", "'client-errors'"]),
        ("client-errors", {"severity": 5}, ["severity 5", "0 to 4", "client-errors"]),
        ("client-errors", {"severity": 1.5}, ["severity 1.5", "0 to 4"]),
        ("client-errors", {"severity": True}, ["severity True", "0 to 4"]),
        ("client-errors", {"threshold": -1}, ["threshold -1", "0 or more"]),
        ("client-errors", {"threshold": "many"}, ["threshold 'many'", "a number"]),
        ("client-errors", {"threshold": float("nan")}, ["threshold nan", "0 or more"]),
        ("client-errors", {"enabled": "no"}, ["enabled 'no'", "true or false"]),
        ("client-errors", {"sensitivity": "Low"}, ["sensitivity 'Low'", "fixed number"]),
        ("client-errors", {"treshold": 3}, ["treshold 3", "'threshold'"]),
        ("plan-cpu", {"threshold": 101}, ["threshold 101", "0 to 100"]),
        ("unusual-requests", {"threshold": 3}, ["threshold 3", "Azure learns"]),
        ("unusual-requests", {"sensitivity": "low"}, ["'low'", "Low, Medium, High"]),
        ("availability", {"threshold": 0}, ["threshold 0", "1 to 5"]),
        ("availability", {"threshold": 2.5}, ["threshold 2.5", "whole number"]),
        ("availability", {"threshold": 6}, ["threshold 6", "1 to 5"]),
    ],
)
def test_an_own_value_that_cannot_work_is_named_with_what_is_expected(
    role: str, changes: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(RefusedError) as refused:
        configured({role: changes})
    message = str(refused.value)
    assert all(word in message for word in words), message
    assert "\n" not in message


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(RefusedError) as refused:
        configured({"nonsense": {}, "plan-cpu": {"severity": 7, "threshold": -2}})
    assert len(str(refused.value).splitlines()) == 3


def test_own_values_replace_the_defaults_and_nothing_else() -> None:
    found = configured({"plan-cpu": {"threshold": 80.0, "severity": 1.0}})
    default = {each.role: each for each in METRIC_ALERTS}
    assert (found["plan-cpu"].threshold, found["plan-cpu"].severity) == (80, 1)
    assert isinstance(found["plan-cpu"].severity, int)
    assert found["plan-cpu"].why == default["plan-cpu"].why
    assert {role: each for role, each in found.items() if role != "plan-cpu"} == {
        role: each for role, each in default.items() if role != "plan-cpu"
    }


@pytest.mark.parametrize(
    ("given", "scope"),
    [
        (f"{GROUP}/providers/Microsoft.Web/sites/app", GROUP),
        (GROUP, GROUP),
        ("/subscriptions/0", "/subscriptions/0"),
        ("/subscriptions/0/resourcegroups/RG", "/subscriptions/0/resourcegroups/RG"),
    ],
)
def test_a_scope_is_the_group_of_an_id_or_its_subscription(given: str, scope: str) -> None:
    assert scope_of(given) == scope
    assert subscription_of(given) == "/subscriptions/0"


def test_what_is_no_azure_id_is_refused_as_a_scope() -> None:
    with pytest.raises(ValueError, match="scope 'app' is no Azure id; expected /subscriptions/"):
        scope_of("app")
