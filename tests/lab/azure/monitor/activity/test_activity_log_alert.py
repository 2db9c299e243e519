"""Activity-log alerts: what Azure refuses, and which changes make them fire."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.monitor.notify.inbox import Inbox
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START
from tests.support.monitored_stack import an_action_group
from tests.support.platform_rules import ACTIVITY, a_metric_alert, a_site, an_activity_alert

MINUTE = timedelta(minutes=1)
ADMINISTRATIVE = {"field": "category", "equals": "Administrative"}


def conditions(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"condition": {"allOf": list(listed)}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"location": "eastus"}, ["location 'eastus'", "global, westeurope, northeurope"]),
        ({"scopes": []}, ["scopes []", "a subscription"]),
        ({"scopes": ["rg"]}, ["scopes[0] 'rg'", "the id of a subscription"]),
        (conditions(), ["with 0 categories", "one condition on the field category"]),
        (conditions(ADMINISTRATIVE, ADMINISTRATIVE), ["with 2 categories"]),
        (
            conditions({"field": "category", "equals": "Administration"}),
            ["category 'Administration'", "'Administrative'?"],
        ),
        (
            conditions(ADMINISTRATIVE, {"field": "operation", "equals": "x"}),
            ["condition.allOf[1].field 'operation'", "'operationName'?"],
        ),
        (
            conditions(ADMINISTRATIVE, {"field": "status"}),
            ["condition.allOf[1]", "either equals or containsAny"],
        ),
        (
            conditions(ADMINISTRATIVE, {"field": "status", "anyOf": [ADMINISTRATIVE]}),
            ["condition.allOf[1]", "anyOf alone"],
        ),
        (
            conditions(ADMINISTRATIVE, {"anyOf": [{"equals": "x"}]}),
            ["condition.allOf[1].anyOf[0].field is missing"],
        ),
        (
            {
                **conditions({"field": "category", "equals": "ServiceHealth"}),
                "location": "westeurope",
            },
            ["location 'westeurope'", "expected global for service health"],
        ),
        (
            {"actions": {"actionGroups": [{"actionGroupId": "/gone"}]}},
            ["actions.actionGroups[0].actionGroupId '/gone'"],
        ),
    ],
)
def test_what_azure_refuses_is_refused_with_property_value_and_expectation(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ResourceError) as caught:
        an_activity_alert(azure, group, **changes)
    message = str(caught.value)
    assert message.startswith("monitor:ActivityLogAlert app-changed: ")
    assert all(word in message for word in words), message
    assert not azure.resources.list(ACTIVITY)


def seen(azure: Azure) -> list[str]:
    return [alert.measured.split()[0] for alert in azure.platform_alerts]


def later(azure: Azure, minutes: float = 6) -> None:
    azure.clock.run_until(azure.clock.now + minutes * MINUTE)


def test_the_deployment_that_brings_the_rule_does_not_ring(azure: Azure, group: Resource) -> None:
    an_activity_alert(azure, group)
    a_site(azure, group)
    later(azure, 4)
    a_site(azure, group, "second")
    assert seen(azure) == [], "Azure: up to five minutes until a rule is active"
    later(azure)
    a_site(azure, group, "third")
    assert len(seen(azure)) == 1


def test_a_change_after_that_rings_once_and_so_does_a_deletion(
    azure: Azure, group: Resource
) -> None:
    an_activity_alert(azure, group)
    site = a_site(azure, group)
    later(azure)
    azure.resources.update(site.id, {**site.inputs, "httpsOnly": True})
    later(azure, 1)
    azure.resources.delete(site.id)
    assert seen(azure) == ["Microsoft.Web/sites/write", "Microsoft.Web/sites/delete"]
    first, second = azure.platform_alerts
    assert first.guid != second.guid
    assert first.resolved_at is None


def test_an_update_that_changes_nothing_is_no_change(azure: Azure, group: Resource) -> None:
    an_activity_alert(azure, group)
    site = a_site(azure, group)
    later(azure)
    azure.resources.update(site.id, dict(site.inputs))
    assert seen(azure) == []
    azure.resources.update(site.id, {**site.inputs, "httpsOnly": False})
    assert len(seen(azure)) == 1


def test_what_is_outside_the_scope_or_another_operation_does_not_ring(
    azure: Azure, group: Resource
) -> None:
    an_activity_alert(azure, group)
    token = "azure-native:resources:ResourceGroup"
    other = azure.resources.create(token, "group-two", {"location": "westeurope"})
    site = a_site(azure, group)
    later(azure)
    a_site(azure, other, "elsewhere")
    a_metric_alert(azure, group, site)
    assert seen(azure) == []
    a_site(azure, group, "inside")
    assert len(seen(azure)) == 1


def test_a_rule_that_is_switched_off_or_gone_is_silent(azure: Azure, group: Resource) -> None:
    rule = an_activity_alert(azure, group)
    later(azure)
    azure.resources.update(rule.id, {**rule.inputs, "enabled": False})
    a_site(azure, group)
    azure.resources.update(rule.id, {**rule.inputs, "enabled": True})
    azure.resources.delete(rule.id)
    a_site(azure, group, "second")
    assert seen(azure) == []
    an_activity_alert(azure, group)
    later(azure)
    a_site(azure, group, "third")
    assert len(seen(azure)) == 1, "another one is not"


def test_a_changed_rule_goes_on_without_a_pause(azure: Azure, group: Resource) -> None:
    rule = an_activity_alert(azure, group)
    later(azure)
    azure.resources.update(rule.id, {**rule.inputs, "description": "changed"})
    a_site(azure, group)
    assert seen(azure) == ["Microsoft.Web/sites/write"]


def test_operations_are_compared_whatever_their_case_and_in_lists_too(
    azure: Azure, group: Resource
) -> None:
    listed = {"field": "operationName", "containsAny": ["MICROSOFT.WEB/SITES/WRITE"]}
    an_activity_alert(azure, group, **conditions(ADMINISTRATIVE, listed))
    later(azure)
    a_site(azure, group)
    assert seen(azure) == ["Microsoft.Web/sites/write"]


def test_health_of_azure_itself_never_happens_here(azure: Azure, group: Resource) -> None:
    unhealthy = {"field": "properties.currentHealthStatus", "equals": "Unavailable"}
    category = {"field": "category", "equals": "ResourceHealth"}
    an_activity_alert(azure, group, **conditions(category, unhealthy))
    later(azure)
    a_site(azure, group)
    assert seen(azure) == []
    assert azure.resources.list("azure-native:monitor:ActivityLogAlert"), "the rule is there"


def test_somebody_who_silences_an_alert_rule_is_told_of(tmp_path: Path) -> None:
    clock = Clock(START)
    with Inbox(clock) as inbox, Azure(clock, state_dir=tmp_path, inbox=inbox) as azure:
        token = "azure-native:resources:ResourceGroup"
        group = azure.resources.create(token, "group", {"location": "westeurope"})
        hook = {
            "name": "hook",
            "serviceUri": inbox.webhook_url("alerts"),
            "useCommonAlertSchema": True,
        }
        an_action_group(azure, group, webhookReceivers=[hook])
        operation = {"field": "operationName", "equals": "Microsoft.Insights/metricAlerts/write"}
        an_activity_alert(azure, group, **conditions(ADMINISTRATIVE, operation))
        rule = a_metric_alert(azure, group, a_site(azure, group))
        clock.run_until(START + 10 * MINUTE)
        azure.resources.update(rule.id, {**rule.inputs, "enabled": False})
        clock.run_until(START + 11 * MINUTE)

    (message,) = inbox.messages
    assert message.payload is not None
    data = message.payload["data"]
    essentials, context = data["essentials"], data["alertContext"]
    assert essentials["signalType"] == "Activity Log"
    assert essentials["monitoringService"] == "Activity Log - Administrative"
    assert essentials["severity"] == "Sev4"
    assert essentials["alertTargetIDs"] == [rule.id.lower()]
    assert essentials["configurationItems"] == ["errors"]
    assert context["operationName"] == "Microsoft.Insights/metricAlerts/write"
    assert context["authorization"] == {"action": context["operationName"], "scope": rule.id}
    assert context["status"] == "Succeeded"
    assert context["eventSource"] == "Administrative"
    assert data["customProperties"] is None
