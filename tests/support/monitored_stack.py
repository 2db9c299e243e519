"""The resources around an alert rule: group, workspace, network, inputs with sound defaults."""

from typing import Any

from lab.azure import Azure
from lab.azure.core.resource import Resource

WORKSPACE = "azure-native:operationalinsights:Workspace"
SAVED_SEARCH = "azure-native:operationalinsights:SavedSearch"
PLAN = "azure-native:web:AppServicePlan"
SITE = "azure-native:web:WebApp"
RULE = "azure-native:monitor:ScheduledQueryRule"
ACTION_GROUP = "azure-native:monitor:ActionGroup"
SETTING = "azure-native:monitor:DiagnosticSetting"
TABLE = "AppServiceHTTPLogs"


def a_workspace(azure: Azure, group: Resource, **changes: Any) -> Resource:
    given = {"resourceGroupName": group.name, "workspaceName": "logs", **changes}
    return azure.resources.create(WORKSPACE, "logs", given)


def a_source(azure: Azure, group: Resource, name: str = "source") -> Resource:
    """A web app, in a plan of its own."""
    return an_app(azure, group, "B1", name)


def an_app(azure: Azure, group: Resource, size: str, name: str = "app") -> Resource:
    """A web app in a plan of that size."""
    where = {"resourceGroupName": group.name, "location": "westeurope"}
    sku = {"kind": "linux", "reserved": True, "sku": {"name": size}}
    plan = azure.resources.create(PLAN, f"{name}-plan", {**where, **sku})
    given = {**where, "name": name, "serverFarmId": plan.id}
    return azure.resources.create(SITE, name, given)


def a_setting(azure: Azure, source: Resource, workspace: Resource, **changes: Any) -> Resource:
    given = {
        "resourceUri": source.id,
        "name": "to-logs",
        "workspaceId": workspace.id,
        "logs": [{"category": TABLE, "enabled": True}],
        **changes,
    }
    return azure.resources.create(SETTING, str(given["name"]), given)


def an_action_group(azure: Azure, group: Resource, **changes: Any) -> Resource:
    given = {
        "resourceGroupName": group.name,
        "actionGroupName": "soc",
        "location": "global",
        "groupShortName": "soc",
        "enabled": True,
        **changes,
    }
    return azure.resources.create(ACTION_GROUP, "soc", given)


def criterion(**changes: Any) -> dict[str, Any]:
    return {
        "query": TABLE,
        "timeAggregation": "Count",
        "operator": "GreaterThan",
        "threshold": 2.0,
        "dimensions": [{"name": "CIp", "operator": "Include", "values": ["*"]}],
        "failingPeriods": {"numberOfEvaluationPeriods": 1.0, "minFailingPeriodsToAlert": 1.0},
        **changes,
    }


def a_rule(azure: Azure, group: Resource, workspace: Resource, **changes: Any) -> Resource:
    given = {
        "resourceGroupName": group.name,
        "ruleName": "many-requests",
        "location": "westeurope",
        "severity": 2.0,
        "enabled": True,
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "scopes": [workspace.id],
        "criteria": {"allOf": [criterion()]},
        "skipQueryValidation": True,
        **changes,
    }
    return azure.resources.create(RULE, "many", given)
