"""Alert processing rules: what is refused, and what becomes of alerts of the lab's Azure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from components.alerts.processing_rule import rule_properties
from components.alerts.suppression_window import SuppressionWindow
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import Series
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.azure.monitor.notify.inbox import Inbox
from lab.azure.monitor.notify.processing_rule import Filter, ProcessingRule
from lab.clock.clock import Clock
from tests.support.alert_rules import a_rule
from tests.support.monitored_stack import an_action_group

TOKEN = "azure-native:alertsmanagement:AlertProcessingRuleByName"
NIGHT = datetime(2026, 1, 5, 23, 0, tzinfo=UTC)


def a_processing_rule(azure: Azure, group: Resource, **changes: Any) -> Resource:
    properties = {
        "scopes": [group.id],
        "actions": [{"actionType": "RemoveAllActionGroups"}],
        **changes,
    }
    given = {
        "resourceGroupName": group.name,
        "alertProcessingRuleName": "night",
        "location": "global",
        "properties": properties,
    }
    return azure.resources.create(TOKEN, "night", given)


def condition(**changes: Any) -> dict[str, Any]:
    return {"field": "Severity", "operator": "Equals", "values": ["Sev2"], **changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scopes": []}, ["properties.scopes", "a group or more"]),
        ({"scopes": ["/subscriptions/other/resourceGroups/rg"]}, ["scopes[0]", "subscription"]),
        ({"actions": []}, ["properties.actions"]),
        (
            {"actions": [{"actionType": "AddActionGroups", "actionGroupIds": ["/gone"]}]},
            ["actionGroupIds[0]", "'/gone'", "exists"],
        ),
        ({"conditions": [condition(operator="Contains")]}, ["conditions[0].operator", "NotEquals"]),
        ({"conditions": [condition(values=["2"])]}, ["conditions[0].values", "'2'", "Sev0"]),
        ({"conditions": [condition(values=[])]}, ["conditions[0].values", "1 to 5"]),
        (
            {"conditions": [condition(field="Description", values=list("abcdef"))]},
            ["conditions[0].values", "1 to 5"],
        ),
        ({"conditions": [condition(field="Colour")]}, ["conditions[0].field", "'Colour'"]),
        ({"schedule": {"timeZone": "Europe/Berlin"}}, ["schedule.timeZone", "Windows"]),
        ({"schedule": {"effectiveFrom": "2026-01-05T22:00:00Z"}}, ["effectiveFrom", "without Z"]),
    ],
)
def test_what_azure_refuses_is_refused(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ResourceError) as caught:
        a_processing_rule(azure, group, **changes)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("location", [None, "westeurope"])
def test_a_rule_that_is_not_global_is_refused(
    azure: Azure, group: Resource, location: str | None
) -> None:
    given = {
        "resourceGroupName": group.name,
        "properties": {
            "scopes": [group.id],
            "actions": [{"actionType": "RemoveAllActionGroups"}],
        },
        **({"location": location} if location else {}),
    }
    with pytest.raises(ResourceError, match="location .*global"):
        azure.resources.create(TOKEN, "night", given)


PAYLOAD: dict[str, Any] = {
    "data": {
        "essentials": {
            "severity": "Sev2",
            "monitoringService": "Activity Log - Administrative",
            "monitorCondition": "Fired",
            "signalType": "Activity Log",
            "targetResourceType": "microsoft.web/sites",
            "alertTargetIDs": ["/subscriptions/s/resourcegroups/rg/providers/m.web/sites/app"],
            "alertRule": "Somebody changed the app",
            "alertRuleID": "/subscriptions/s/rules/changed",
            "description": "Look who it was",
        },
        "alertContext": {"caller": "eve@example.com"},
    }
}


@pytest.mark.parametrize(
    ("field", "operator", "value", "taken"),
    [
        ("Severity", "Equals", "Sev2", True),
        ("Severity", "NotEquals", "Sev2", False),
        ("MonitorService", "Equals", "ActivityLog Administrative", True),
        ("MonitorService", "Equals", "ActivityLog Policy", False),
        ("MonitorCondition", "Equals", "Resolved", False),
        ("SignalType", "NotEquals", "Metric", True),
        ("TargetResourceType", "Contains", "MICROSOFT.WEB", True),
        ("TargetResource", "Contains", "sites/app", True),
        ("TargetResourceGroup", "Equals", "/subscriptions/s/resourceGroups/RG", True),
        ("TargetResourceGroup", "Equals", "/subscriptions/s/resourceGroups/r", False),
        ("AlertRuleId", "Equals", "/subscriptions/S/rules/changed", True),
        ("AlertRuleName", "DoesNotContain", "changed", False),
        ("AlertRuleName", "Contains", "changed", True),
        ("Description", "DoesNotContain", "maintenance", True),
        ("AlertContext", "Contains", "eve@example.com", True),
    ],
)
def test_a_filter_looks_at_its_field(field: str, operator: str, value: str, taken: bool) -> None:
    assert Filter(field, operator, (value,)).takes(PAYLOAD) is taken
    assert Filter(field, operator, ("nothing", value)).takes(PAYLOAD) is taken


@pytest.mark.parametrize(
    ("changes", "applies"),
    [
        ({}, True),
        ({"scopes": ("/subscriptions/s/resourceGroups/RG/",)}, True),
        ({"scopes": ("/subscriptions/s/resourceGroups/r",)}, False),
        ({"scopes": ("/elsewhere", "/subscriptions/s/resourcegroups/rg")}, True),
        ({"enabled": False}, False),
        (
            {
                "filters": (
                    Filter("Severity", "Equals", ("Sev2",)),
                    Filter("SignalType", "Equals", ("Log",)),
                )
            },
            False,
        ),
    ],
)
def test_a_rule_applies_within_its_scopes_when_every_filter_passes(
    changes: dict[str, Any], applies: bool
) -> None:
    sound: dict[str, Any] = {"name": "night", "enabled": True, "scopes": ("/subscriptions/s",)}
    assert ProcessingRule(**(sound | changes)).applies(PAYLOAD, NIGHT) is applies


def test_service_health_alerts_are_not_touched() -> None:
    essentials = {**PAYLOAD["data"]["essentials"], "monitoringService": "ServiceHealth"}
    payload = {"data": {**PAYLOAD["data"], "essentials": essentials}}
    rule = ProcessingRule("night", True, ("/subscriptions/s",), removes=True)
    assert not rule.applies(payload, NIGHT)
    assert rule.applies(PAYLOAD, NIGHT)


class Night:
    """An Azure with an inbox, one action group, and a window from 22:00 to 06:00 each night."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(NIGHT)
        self.inbox = Inbox(self.clock)
        self.azure = Azure(self.clock, state_dir=folder, run_apps=False, inbox=self.inbox)
        location = {"location": "westeurope"}
        token = "azure-native:resources:ResourceGroup"
        self.group = self.azure.resources.create(token, "group", location)
        mail = {"name": "mail", "emailAddress": "soc@example.com"}
        self.actions = an_action_group(self.azure, self.group, emailReceivers=[mail])
        window: SuppressionWindow = {
            "name": "night",
            "repeats": "daily",
            "start_time": "22:00",
            "end_time": "06:00",
        }
        self.rule = a_processing_rule(self.azure, self.group, **camel(window, self.group.id))

    def fire(self, severity: int = 2) -> Alert:
        now = self.clock.now
        scope = f"{self.group.id}/providers/Microsoft.OperationalInsights/workspaces/logs"
        rule = a_rule(severity=severity, action_groups=(self.actions.id,), scopes=(scope,))
        alert = Alert.of(rule, Series({}, 3.0, True, now, now), now)
        self.azure.service(Evaluator).emit(alert, "Fired")
        self.clock.run_until(now + timedelta(minutes=1))
        return alert


def camel(window: SuppressionWindow, scope: str) -> dict[str, Any]:
    """As the window travels to Azure."""

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {_camel(key): renamed(each) for key, each in value.items()}
        return [renamed(each) for each in value] if isinstance(value, list) else value

    found: dict[str, Any] = renamed(rule_properties(window, [scope]))
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    made = Night(tmp_path / "azure")
    with made.azure, made.inbox:
        yield made


def test_at_night_an_alert_is_recorded_and_nobody_is_told(night: Night) -> None:
    alert = night.fire()
    assert night.azure.alerts == [alert]
    assert not night.inbox.messages
    (record,) = alert.deliveries
    assert (record.receiver, record.status) == ("soc", "suppressed")
    assert "night" in record.detail


def test_at_night_an_urgent_alert_still_wakes_somebody(night: Night) -> None:
    night.fire(severity=1)
    assert [message.to for message in night.inbox.messages] == ["soc@example.com"]


def test_in_the_morning_people_are_told_again_of_what_fires_then(night: Night) -> None:
    night.fire()
    night.clock.run_until(datetime(2026, 1, 6, 6, 0, tzinfo=UTC))
    assert not night.inbox.messages, "not even at the end of the window"
    night.fire()
    assert len(night.inbox.messages) == 1


def test_without_the_rule_the_same_alert_is_delivered(night: Night) -> None:
    night.azure.resources.delete(night.rule.id)
    night.fire()
    assert len(night.inbox.messages) == 1
