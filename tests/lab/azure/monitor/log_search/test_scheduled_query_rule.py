"""Alert rules as resources: what Azure refuses, and the whole way from a row to a message."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.azure.monitor.notify.inbox import Inbox
from lab.clock.clock import Clock
from lab.clock.ticks import next_tick
from tests.lab.azure.conftest import START
from tests.support.monitored_stack import (
    TABLE,
    a_rule,
    a_setting,
    a_source,
    a_workspace,
    an_action_group,
    criterion,
)

MINUTE = timedelta(minutes=1)


def learned(**changes: Any) -> dict[str, Any]:
    """A condition whose threshold Azure learns."""
    dynamic = {
        "criterionType": "DynamicThresholdCriterion",
        "alertSensitivity": "Low",
        "operator": "GreaterThan",
        "threshold": None,
    }
    return criterion(**{**dynamic, **changes})


def refusal(azure: Azure, group: Resource, **changes: Any) -> str:
    workspace = a_workspace(azure, group)
    with pytest.raises(ResourceError) as caught:
        a_rule(azure, group, workspace, **changes)
    return str(caught.value)


def validated(**changes: Any) -> dict[str, Any]:
    """A rule whose query Azure looks at before it is made."""
    return {"skipQueryValidation": False, "criteria": {"allOf": [criterion(**changes)]}}


def by(column: str, step: str = "take 5") -> dict[str, Any]:
    each = {"name": column, "operator": "Include", "values": ["*"]}
    return validated(query=f"{TABLE} | {step}", dimensions=[each])


def of(column: str) -> dict[str, Any]:
    return validated(timeAggregation="Total", metricMeasureColumn=column)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"evaluationFrequency": "PT7M"}, ["evaluationFrequency", "'PT7M'", "PT5M"]),
        ({"evaluationFrequency": "PT30M"}, ["evaluationFrequency", "'PT30M'", "PT15M x 1"]),
        ({"severity": 5.0}, ["severity", "5", "0, 1, 2, 3, 4"]),
        ({"severity": None}, ["severity is missing"]),
        ({"scopes": ["/nowhere"]}, ["scopes[0]", "'/nowhere'", "workspace that exists"]),
        ({"scopes": []}, ["scopes", "exactly one"]),
        ({"kind": "SimpleLogAlert"}, ["kind", "'SimpleLogAlert'", "LogAlert"]),
        ({"muteActionsDuration": "PT30M"}, ["autoMitigate", "false with a mute"]),
        (
            {"muteActionsDuration": "PT12H", "autoMitigate": False},
            ["muteActionsDuration", "'PT12H'"],
        ),
        (
            {"resolveConfiguration": {"autoResolved": True}, "autoMitigate": True},
            ["autoMitigate", "none with resolveConfiguration"],
        ),
        ({"actions": {"actionGroups": ["/gone"]}}, ["actions.actionGroups[0]", "'/gone'"]),
        (
            {"actions": {"actionGroups": [f"/{n}" for n in range(6)]}},
            ["actions.actionGroups", "at most 5"],
        ),
        ({"criteria": {"allOf": []}}, ["criteria.allOf", "one condition"]),
        ({"criteria": {"allOf": [criterion(), criterion()]}}, ["criteria.allOf", "one condition"]),
        (
            {"criteria": {"allOf": [criterion(timeAggregation="Total")]}},
            ["criteria.allOf[0].metricMeasureColumn", "Total"],
        ),
        (
            {"criteria": {"allOf": [criterion(metricMeasureColumn="TimeTaken")]}},
            ["criteria.allOf[0].metricMeasureColumn", "'TimeTaken'", "Count"],
        ),
        ({"criteria": {"allOf": [criterion(threshold=None)]}}, ["threshold is missing"]),
        (
            {"criteria": {"allOf": [criterion(criterionType="DynamicThresholdCriterion")]}},
            ["alertSensitivity is missing"],
        ),
        ({"criteria": {"allOf": [learned(alertSensitivity="Extreme")]}}, ["alertSensitivity"]),
        ({"criteria": {"allOf": [learned(operator="Equal")]}}, ["operator", "GreaterOrLessThan"]),
        ({"criteria": {"allOf": [learned(threshold=5.0)]}}, ["threshold", "none with a sens"]),
        ({"criteria": {"allOf": [criterion(alertSensitivity="Low")]}}, ["alertSensitivity"]),
        ({"criteria": {"allOf": [criterion(criterionType="Guess")]}}, ["criterionType"]),
        (
            {"criteria": {"allOf": [criterion(query=f"{TABLE} | where Timestamp > ago(Window)")]}},
            ["criteria.allOf[0].query", "ago()"],
        ),
        (
            {"criteria": {"allOf": [criterion(failingPeriods={"numberOfEvaluationPeriods": 7.0})]}},
            ["failingPeriods.numberOfEvaluationPeriods", "7"],
        ),
        (
            {
                "criteria": {
                    "allOf": [
                        criterion(dimensions=[{"name": "A", "operator": "In", "values": ["*"]}])
                    ]
                }
            },
            ["dimensions[0].operator", "'In'"],
        ),
        (
            {
                "skipQueryValidation": False,
                "criteria": {"allOf": [criterion(query=f"{TABLE} | where Status == 1")]},
            },
            ["criteria.allOf[0].query", "'Status'", "'ScStatus'?"],
        ),
        (by("TimeGenerated"), ["dimensions[0].name 'TimeGenerated'", "texts or numbers"]),
        (by("Quick", "extend Quick = TimeTaken < 9"), ["'Quick'", "texts or numbers"]),
        (by("Bag", 'extend Bag = parse_json("{}")'), ["'Bag'", "texts or numbers"]),
        (by("Cip"), ["dimensions[0].name 'Cip' is no column", "'CIp'?"]),
        (of("CsUriStem"), ["metricMeasureColumn 'CsUriStem'", "a column of numbers"]),
        (of("TimeTake"), ["metricMeasureColumn 'TimeTake' is no column", "'TimeTaken'?"]),
    ],
)
def test_what_azure_refuses_is_refused_with_property_value_and_expectation(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    message = refusal(azure, group, **changes)
    assert message.startswith("monitor:ScheduledQueryRule many: ")
    assert all(word in message for word in words), message


@pytest.mark.parametrize("value", ["Equals", "gt"])
def test_the_operators_that_look_right_and_are_not_are_refused(
    azure: Azure, group: Resource, value: str
) -> None:
    message = refusal(azure, group, criteria={"allOf": [criterion(operator=value)]})
    assert f"'{value}'" in message
    assert "operator" in message


def test_a_refused_rule_does_not_run(azure: Azure, group: Resource) -> None:
    refusal(azure, group, severity=9.0)
    assert azure.service(Evaluator).runners == {}


def test_without_validation_a_query_on_nothing_is_deployed_and_fails_at_its_ticks(
    azure: Azure, group: Resource
) -> None:
    workspace = a_workspace(azure, group)
    bad = criterion(query="NoSuchTable", dimensions=[])
    rule = a_rule(azure, group, workspace, criteria={"allOf": [bad]})
    azure.clock.run_until(START + 11 * MINUTE)
    (runner,) = azure.service(Evaluator).runners.values()
    assert runner.rule.id == rule.id
    assert [moment for moment, _ in runner.failures] == [START + 5 * MINUTE, START + 10 * MINUTE]


def test_a_rule_is_evaluated_at_whole_multiples_of_its_frequency() -> None:
    assert next_tick(START, 5 * MINUTE) == START + 5 * MINUTE
    assert next_tick(START + timedelta(seconds=1), 5 * MINUTE) == START + 5 * MINUTE
    assert next_tick(START - timedelta(seconds=1), 5 * MINUTE) == START
    assert next_tick(START, timedelta(hours=1)) == START + 30 * MINUTE


def test_a_deleted_rule_and_a_changed_one_stop_being_evaluated(
    azure: Azure, group: Resource
) -> None:
    workspace = a_workspace(azure, group)
    rule = a_rule(azure, group, workspace)
    (first,) = azure.service(Evaluator).runners.values()
    azure.clock.run_until(START + 5 * MINUTE)
    azure.resources.update(rule.id, {**rule.inputs, "severity": 3.0})
    (second,) = azure.service(Evaluator).runners.values()
    azure.clock.run_until(START + 10 * MINUTE)
    azure.resources.delete(rule.id)
    azure.clock.run_until(START + 30 * MINUTE)
    assert (first.evaluations, second.evaluations, second.rule.severity) == (1, 1, 3)
    assert azure.service(Evaluator).runners == {}


def test_from_a_row_to_a_message_and_to_its_resolution(tmp_path: Path) -> None:
    clock = Clock(START)
    with Inbox(clock) as inbox, Azure(clock, state_dir=tmp_path, inbox=inbox) as azure:
        token = "azure-native:resources:ResourceGroup"
        group = azure.resources.create(token, "group", {"location": "westeurope"})
        workspace, source = a_workspace(azure, group), a_source(azure, group)
        a_setting(azure, source, workspace)
        hook = {
            "name": "hook",
            "serviceUri": inbox.webhook_url("alerts"),
            "useCommonAlertSchema": True,
        }
        soc = an_action_group(azure, group, webhookReceivers=[hook])
        a_rule(azure, group, workspace, actions={"actionGroups": [soc.id.upper()]})

        rows = [{"TimeGenerated": START + 2 * MINUTE, "CIp": "192.0.2.1"}] * 3
        clock.at(START + 2 * MINUTE, lambda: azure.ingestion.emit(source.id.upper(), TABLE, rows))
        clock.run_until(START + 60 * MINUTE)

    (alert,) = azure.alerts
    assert alert.fired_at == START + 5 * MINUTE, (
        "2 minutes + 3 of ingestion: the first tick sees it"
    )
    assert alert.dimensions == {"CIp": "192.0.2.1"}
    assert alert.resolved_at == START + 30 * MINUTE, "last violated at 15, healthy for 3 periods"
    heard = [(message.at - START, message.subject) for message in inbox.messages]
    assert heard == [
        (5 * MINUTE, "Fired many-requests"),
        (30 * MINUTE, "Resolved many-requests"),
    ]
    assert [delivery.status for delivery in alert.deliveries] == ["delivered", "delivered"]


def test_a_rule_whose_threshold_is_learned_is_kept_and_not_evaluated(
    azure: Azure, group: Resource
) -> None:
    workspace = a_workspace(azure, group)
    rule = a_rule(azure, group, workspace, criteria={"allOf": [learned()]})
    monitor = azure.service(Evaluator)
    assert monitor.runners == {}
    (kept,) = monitor.learning.values()
    assert (kept.sensitivity, kept.operator) == ("Low", "GreaterThan")
    azure.clock.run_until(START + timedelta(hours=2))
    assert azure.alerts == []
    azure.resources.remove(rule)
    assert monitor.learning == {}


@pytest.mark.parametrize(
    "changes", [by("ScStatus"), by("CIp"), of("TimeTaken")], ids=["number", "text", "measure"]
)
def test_columns_of_the_right_kind_are_taken(
    azure: Azure, group: Resource, changes: dict[str, Any]
) -> None:
    a_rule(azure, group, a_workspace(azure, group), **changes)
    assert len(azure.service(Evaluator).runners) == 1
