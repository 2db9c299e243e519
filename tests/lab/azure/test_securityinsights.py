"""Sentinel's resources: Azure's limits on them, and what has to be there first."""

from typing import Any

import pytest

from components.content import analytics_rule, detection
from components.limits.refusal import RefusedError
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from tests.support.monitored_stack import a_workspace

ONBOARDING = "azure-native:securityinsights:SentinelOnboardingState"
RULE = "azure-native:securityinsights:ScheduledAlertRule"


@pytest.fixture
def workspace(azure: Azure, group: Resource) -> Resource:
    return a_workspace(azure, group)


def onboarded(azure: Azure, workspace: Resource, **changes: Any) -> Resource:
    given = {
        "resourceGroupName": workspace.inputs["resourceGroupName"],
        "workspaceName": workspace.name,
        "sentinelOnboardingStateName": "default",
        **changes,
    }
    return azure.resources.create(ONBOARDING, "onboarding", given)


def a_rule(azure: Azure, workspace: Resource, name: str = "many", **changes: Any) -> Resource:
    given = {
        "resourceGroupName": workspace.inputs["resourceGroupName"],
        "workspaceName": workspace.name,
        "ruleId": name,
        "kind": "Scheduled",
        "displayName": "Many requests",
        "enabled": True,
        "query": "AppServiceHTTPLogs | summarize n = count() by CIp | where n > 100",
        "queryFrequency": "PT5M",
        "queryPeriod": "PT1H",
        "severity": "Medium",
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0.0,
        **changes,
    }
    return azure.resources.create(RULE, name, given)


def test_a_rule_lies_in_the_workspace_that_sentinel_is_on_in(
    azure: Azure, workspace: Resource
) -> None:
    state, rule = onboarded(azure, workspace), a_rule(azure, workspace)
    insights = f"{workspace.id}/providers/Microsoft.SecurityInsights"
    assert state.id == f"{insights}/onboardingStates/default"
    assert rule.id == f"{insights}/alertRules/many"
    assert not azure.resources.unmodelled
    azure.resources.delete(workspace.id)
    assert azure.resources.find(rule.id) is None


def test_without_sentinel_there_are_no_rules(azure: Azure, workspace: Resource) -> None:
    with pytest.raises(
        ResourceError, match="'logs' has no Sentinel; expected a SentinelOnboarding"
    ):
        a_rule(azure, workspace)
    assert not azure.resources.list(RULE)


def test_without_a_workspace_there_is_no_sentinel(
    azure: Azure, workspace: Resource, group: Resource
) -> None:
    with pytest.raises(ResourceError, match="workspaceName 'elsewhere' is not found"):
        onboarded(azure, workspace, workspaceName="elsewhere")


@pytest.mark.parametrize("name", ["mine", None])
def test_there_is_one_onboarding_state_and_its_name_is_default(
    azure: Azure, workspace: Resource, name: str | None
) -> None:
    with pytest.raises(ResourceError, match="expected default"):
        onboarded(azure, workspace, sentinelOnboardingStateName=name)


def test_display_names_are_unique_in_a_workspace(azure: Azure, workspace: Resource) -> None:
    onboarded(azure, workspace)
    first = a_rule(azure, workspace)
    with pytest.raises(ResourceError, match="displayName 'Many requests' is taken"):
        a_rule(azure, workspace, "again")
    azure.resources.update(first.id, {**first.inputs, "enabled": False})
    second = a_rule(azure, workspace, "other", displayName="Others")
    with pytest.raises(ResourceError, match="is taken"):
        azure.resources.update(second.id, {**second.inputs, "displayName": "Many requests"})


def test_the_analytics_rule_of_every_detection_with_a_fixed_threshold_is_accepted(
    azure: Azure, workspace: Resource
) -> None:
    onboarded(azure, workspace)
    for slug, found in detection.load_all().items():
        if found.is_dynamic:
            with pytest.raises(RefusedError, match="a dynamic threshold"):
                analytics_rule.from_detection(found)
            continue
        rule = analytics_rule.from_detection(found)
        a_rule(
            azure,
            workspace,
            slug,
            displayName=rule.display_name,
            query=rule.query,
            queryFrequency=rule.query_frequency,
            queryPeriod=rule.query_period,
            severity=rule.severity,
            tactics=list(rule.tactics),
            techniques=list(rule.techniques),
            customDetails=rule.custom_details,
            entityMappings=[
                {
                    "entityType": each.entity_type,
                    "fieldMappings": [{"identifier": each.identifier, "columnName": each.column}],
                }
                for each in rule.entity_mappings
            ],
        )
    assert len(azure.resources.list("azure-native:securityinsights:ScheduledAlertRule")) > 40


ADDRESS = {"identifier": "Address", "columnName": "CIp"}
WHERE = "entityMappings[0].fieldMappings"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "NRT"}, ["kind", "NRT", "Scheduled"]),
        ({"query": "T" * 10001}, ["query", "has 10001 characters", "1 to 10000"]),
        ({"query": "search * | take 1"}, ["without 'search *'"]),
        ({"queryFrequency": "PT1M"}, ["queryFrequency 'PT1M'", "5 minutes to 14 days"]),
        ({"queryPeriod": "P15D"}, ["queryPeriod 'P15D'", "5 minutes to 14 days"]),
        ({"queryPeriod": "1h"}, ["queryPeriod '1h'", "ISO 8601"]),
        ({"queryFrequency": "PT2H"}, ["queryFrequency 'PT2H'", "at most queryPeriod (PT1H)"]),
        ({"suppressionDuration": "P2D"}, ["suppressionDuration 'P2D'", "24 hours"]),
        (
            {"suppressionEnabled": True, "suppressionDuration": "PT5M", "queryFrequency": "PT10M"},
            ["suppressionDuration 'PT5M'", "at least queryFrequency"],
        ),
        ({"triggerOperator": "GreaterThanOrEqual"}, ["triggerOperator", "GreaterThan"]),
        ({"triggerThreshold": -1.0}, ["triggerThreshold", "0 or more"]),
        ({"severity": "Critical"}, ["severity", "Critical"]),
        ({"techniques": ["T1110.003"], "tactics": ["CredentialAccess"]}, ["T1110.003", "T####"]),
        ({"techniques": ["T1110"]}, ["tactics", "is missing"]),
        ({"tactics": ["Hacking"]}, ["tactics", "Hacking"]),
        (
            {"entityMappings": [{"entityType": "IP", "fieldMappings": [{"identifier": "Ip"}]}]},
            [f"{WHERE}[0].identifier 'Ip'", "Address, AddressScope"],
        ),
        (
            {"entityMappings": [{"entityType": "IP", "fieldMappings": [ADDRESS] * 4}]},
            [WHERE, "1 to 3 identifiers"],
        ),
        (
            {"entityMappings": [{"entityType": "IP", "fieldMappings": [ADDRESS]}] * 11},
            ["entityMappings 11 are too many"],
        ),
        ({"customDetails": {f"d{n}": "CIp" for n in range(21)}}, ["customDetails 21"]),
        (
            {
                "incidentConfiguration": {
                    "createIncident": True,
                    "groupingConfiguration": {
                        "enabled": True,
                        "reopenClosedIncident": False,
                        "lookbackDuration": "PT5H",
                        "matchingMethod": "Selected",
                    },
                }
            },
            ["matchingMethod", "groupByEntities"],
        ),
    ],
)
def test_what_azure_refuses_is_refused(
    azure: Azure, workspace: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    onboarded(azure, workspace)
    with pytest.raises(ResourceError) as caught:
        a_rule(azure, workspace, **changes)
    assert all(word in str(caught.value) for word in words), str(caught.value)
