"""Metric alerts as resources: what Azure refuses, and the whole way from requests to a message."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.monitor.metric.platform_rules import PlatformRules
from lab.azure.monitor.notify.inbox import Inbox
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START
from tests.support.monitored_stack import an_action_group
from tests.support.platform_rules import (
    METRIC,
    MULTIPLE,
    SINGLE,
    a_component,
    a_metric_alert,
    a_site,
    a_web_test,
    availability_criteria,
    criterion,
    dynamic,
)

MINUTE = timedelta(minutes=1)


def single(*criteria: dict[str, Any]) -> dict[str, Any]:
    return {"criteria": {"odataType": SINGLE, "allOf": list(criteria)}}


def several(*criteria: dict[str, Any]) -> dict[str, Any]:
    return {"criteria": {"odataType": MULTIPLE, "allOf": list(criteria)}}


def health(**changes: Any) -> dict[str, Any]:
    return criterion(metricName="HealthCheckStatus", timeAggregation="Average", **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"location": "westeurope"}, ["location 'westeurope'", "expected global"]),
        ({"location": None}, ["location 'westeurope'", "filled in by the provider"]),
        ({"severity": 5.0}, ["severity 5", "0, 1, 2, 3, 4"]),
        ({"evaluationFrequency": "PT2M"}, ["evaluationFrequency 'PT2M'", "PT1M, PT5M"]),
        ({"windowSize": "PT10M"}, ["windowSize 'PT10M'", "PT15M"]),
        ({"evaluationFrequency": "PT15M"}, ["windowSize 'PT5M'", "at least the frequency"]),
        ({"scopes": []}, ["scopes []", "a resource id"]),
        ({"scopes": ["/nowhere"]}, ["scopes[0] '/nowhere'", "404"]),
        ({"actions": [{"actionGroupId": "/gone"}]}, ["actions[0].actionGroupId '/gone'"]),
        (
            {"actions": [{"actionGroupId": f"/{n}"} for n in range(6)]},
            ["actions 6", "at most 5"],
        ),
        (single(), ["criteria.allOf 0", "1 to 5 criteria"]),
        (single(dynamic()), ["criterionType", "StaticThresholdCriterion"]),
        (
            {"criteria": {"odataType": SINGLE, "allOf": [{"name": "x"}]}},
            ["criteria.allOf[0].criterionType is missing"],
        ),
        ({"criteria": {"allOf": [criterion()]}}, ["criteria.odataType is missing"]),
        (single(criterion(), criterion()), ["criteria.allOf[1].name 'errors'", "once"]),
        (several(dynamic(), dynamic(name="b")), ["criteria.allOf 2", "one dynamic"]),
        (single(criterion(operator="Equal")), ["operator 'Equal'", "Equals"]),
        (several(dynamic(operator="Equals")), ["operator 'Equals'", "GreaterOrLessThan"]),
        (several(dynamic(alertSensitivity="low")), ["alertSensitivity 'low'", "Low"]),
        (
            several(
                dynamic(
                    failingPeriods={
                        "numberOfEvaluationPeriods": 4.0,
                        "minFailingPeriodsToAlert": 5.0,
                    }
                )
            ),
            ["failingPeriods", "at most as many"],
        ),
        (single(criterion(metricName="Http4XX")), ["metricName 'Http4XX'", "'Http4xx'?"]),
        (single(criterion(timeAggregation="Average")), ["timeAggregation", "Total with Http4xx"]),
        (
            single(criterion(metricNamespace="Microsoft.Web/serverfarms")),
            ["metricNamespace", "microsoft.web/sites"],
        ),
        ({**single(health()), "windowSize": "PT1M"}, ["windowSize 'PT1M'", "PT5M or more"]),
        (
            single(criterion(dimensions=[{"name": "Instance", "operator": "In", "values": ["*"]}])),
            ["dimensions[0].operator 'In'", "Include or Exclude"],
        ),
    ],
)
def test_what_azure_refuses_is_refused_with_property_value_and_expectation(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    site = a_site(azure, group)
    with pytest.raises(ResourceError) as caught:
        a_metric_alert(azure, group, site, **changes)
    message = str(caught.value)
    assert message.startswith("monitor:MetricAlert errors: ")
    assert all(word in message for word in words), message
    assert not azure.resources.list(METRIC)


@pytest.mark.parametrize(
    ("odata_type", "words"),
    [
        (SINGLE, ["scopes", "one resource with this criteria class"]),
        (MULTIPLE, ["targetResourceType is missing", "targetResourceRegion is missing"]),
    ],
)
def test_several_resources_need_the_right_class_and_to_be_told_apart(
    azure: Azure, group: Resource, odata_type: str, words: list[str]
) -> None:
    one, two = a_site(azure, group), a_site(azure, group, "other")
    changes = {
        "scopes": [one.id, two.id],
        "criteria": {"odataType": odata_type, "allOf": [criterion()]},
    }
    with pytest.raises(ResourceError) as caught:
        a_metric_alert(azure, group, one, **changes)
    assert all(word in str(caught.value) for word in words)


def test_web_apps_take_no_rule_for_several_of_them(azure: Azure, group: Resource) -> None:
    one, two = a_site(azure, group), a_site(azure, group, "other")
    changes = {
        "scopes": [one.id, two.id],
        "targetResourceType": "Microsoft.Web/sites",
        "targetResourceRegion": "westeurope",
    }
    with pytest.raises(ResourceError, match="one rule a resource"):
        a_metric_alert(azure, group, one, **several(criterion()), **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scopes": "only the test"}, ["scopes", "both, the web test and the component"]),
        ({"failedLocationCount": 6.0}, ["failedLocationCount 6", "1 to the 5 places"]),
        ({"failedLocationCount": 0.0}, ["failedLocationCount 0", "1 to the 5 places"]),
    ],
)
def test_an_availability_alert_wants_both_scopes_and_a_count_that_can_be_reached(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    component = a_component(azure, group)
    test = a_web_test(azure, group, component)
    only_test = changes.pop("scopes", None)
    given: dict[str, Any] = {
        "scopes": [test.id] if only_test else [test.id, component.id],
        "criteria": {**availability_criteria(test, component), **changes},
    }
    with pytest.raises(ResourceError) as caught:
        a_metric_alert(azure, group, test, **given)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (several(dynamic()), "3 days of history"),
        (
            single(criterion(metricName="MemoryWorkingSet", timeAggregation="Average")),
            "metrics are not measured here",
        ),
        (
            single(
                criterion(dimensions=[{"name": "Instance", "operator": "Include", "values": ["*"]}])
            ),
            "not split by dimensions",
        ),
    ],
)
def test_what_the_lab_cannot_evaluate_is_recorded_with_the_reason(
    azure: Azure, group: Resource, changes: dict[str, Any], reason: str
) -> None:
    rule = a_metric_alert(azure, group, a_site(azure, group), **changes)
    rules = azure.service(PlatformRules)
    assert not rules.runners
    assert reason in rules.recorded[rule.id.lower()]
    azure.resources.delete(rule.id)
    assert not rules.recorded


def test_a_rule_is_evaluated_until_it_is_changed_or_deleted(azure: Azure, group: Resource) -> None:
    rule = a_metric_alert(azure, group, a_site(azure, group))
    (first,) = azure.service(PlatformRules).runners.values()
    azure.clock.run_until(START + 2 * MINUTE)
    azure.resources.update(rule.id, {**rule.inputs, "severity": 3.0})
    (second,) = azure.service(PlatformRules).runners.values()
    azure.clock.run_until(START + 5 * MINUTE)
    azure.resources.delete(rule.id)
    azure.clock.run_until(START + 30 * MINUTE)
    assert (first.evaluations, second.evaluations, second.rule.severity) == (2, 3, 3)


def test_from_requests_to_a_message_and_to_its_resolution(tmp_path: Path) -> None:
    clock = Clock(START)
    with Inbox(clock) as inbox, Azure(clock, state_dir=tmp_path, inbox=inbox) as azure:
        token = "azure-native:resources:ResourceGroup"
        group = azure.resources.create(token, "group", {"location": "westeurope"})
        site = a_site(azure, group)
        hook = {
            "name": "hook",
            "serviceUri": inbox.webhook_url("alerts"),
            "useCommonAlertSchema": True,
        }
        mail = {"name": "mail", "emailAddress": "soc@example.com", "useCommonAlertSchema": True}
        an_action_group(azure, group, webhookReceivers=[hook], emailReceivers=[mail])
        a_metric_alert(azure, group, site, description="Many errors")

        def errors() -> None:
            row = {"TimeGenerated": clock.now, "ScStatus": 404, "TimeTaken": 5}
            azure.ingestion.emit(site.id.upper(), "AppServiceHTTPLogs", [row] * 3)

        clock.at(START + 90 * timedelta(seconds=1), errors)
        clock.run_until(START + 60 * MINUTE)

    (alert,) = azure.platform_alerts
    assert not azure.alerts, "detections are told apart from the platform"
    assert alert.fired_at == START + 2 * MINUTE, "the first tick after the minute is over"
    assert alert.resolved_at == START + 9 * MINUTE, "out of the window at 7, healthy at 7, 8, 9"
    assert {(each.kind, each.condition, each.status) for each in alert.deliveries} == {
        (kind, condition, "delivered")
        for kind in ("webhook", "email")
        for condition in ("Fired", "Resolved")
    }
    payload = next(each.payload for each in inbox.messages if each.payload is not None)
    essentials, context = payload["data"]["essentials"], payload["data"]["alertContext"]
    assert (essentials["signalType"], essentials["monitoringService"]) == ("Metric", "Platform")
    assert essentials["severity"] == "Sev2"
    assert essentials["alertTargetIDs"] == [site.id.lower()]
    assert essentials["configurationItems"] == ["shop"]
    assert context["conditionType"] == "SingleResourceMultipleMetricCriteria"
    assert context["condition"] == {
        "windowSize": "PT5M",
        "allOf": [
            {
                "metricName": "Http4xx",
                "metricNamespace": "Microsoft.Web/sites",
                "operator": "GreaterThan",
                "threshold": "2",
                "timeAggregation": "Total",
                "dimensions": [],
                "metricValue": 3,
                "webTestName": None,
            }
        ],
        "windowStartTime": "2026-01-05T07:27:00Z",
        "windowEndTime": "2026-01-05T07:32:00Z",
    }
    assert payload["data"]["customProperties"] == {"alert": "client-errors"}
    text = next(each.body for each in inbox.messages if each.kind == "email")
    assert "Total of Http4xx 3 (GreaterThan 2)" in text
