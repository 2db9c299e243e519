"""The resources around platform alerts, with sound defaults: a test shows only what it is about."""

from typing import Any

from lab.azure import Azure
from lab.azure.core.resource import Resource
from tests.support.monitored_stack import a_workspace, an_action_group

METRIC = "azure-native:monitor:MetricAlert"
ACTIVITY = "azure-native:monitor:ActivityLogAlert"
COMPONENT = "azure-native:applicationinsights:Component"
WEB_TEST = "azure-native:applicationinsights:WebTest"
SITE = "azure-native:web:WebApp"
PLAN = "azure-native:web:AppServicePlan"

SINGLE = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
MULTIPLE = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
WEB_TEST_CRITERIA = "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria"
PLACES = [
    "emea-nl-ams-azr",
    "emea-gb-db3-azr",
    "us-va-ash-azr",
    "us-ca-sjc-azr",
    "apac-sg-sin-azr",
]


def a_site(azure: Azure, group: Resource, name: str = "shop", **changes: Any) -> Resource:
    """Without a plan: the lab needs none to run it."""
    given = {"resourceGroupName": group.name, "name": name, "location": "westeurope", **changes}
    return azure.resources.create(SITE, name, given)


def a_component(azure: Azure, group: Resource, **changes: Any) -> Resource:
    workspaces = azure.resources.list("azure-native:operationalinsights:Workspace")
    workspace = workspaces[0] if workspaces else a_workspace(azure, group)
    given = {
        "resourceGroupName": group.name,
        "resourceName": "insights",
        "kind": "web",
        "location": "westeurope",
        "ingestionMode": "LogAnalytics",
        "workspaceResourceId": workspace.id,
        **changes,
    }
    return azure.resources.create(COMPONENT, "insights", given)


def a_web_test(azure: Azure, group: Resource, component: Resource, **changes: Any) -> Resource:
    given = {
        "resourceGroupName": group.name,
        "webTestName": "health",
        "syntheticMonitorId": "health",
        "kind": "standard",
        "webTestKind": "standard",
        "location": "westeurope",
        "enabled": True,
        "retryEnabled": True,
        "frequency": 300.0,
        "timeout": 30.0,
        "locations": [{"location": place} for place in PLACES],
        "tags": {f"hidden-link:{component.id}": "Resource"},
        "request": {
            "requestUrl": "https://shop.azurewebsites.net/health",
            "httpVerb": "GET",
            "followRedirects": False,
        },
        "validationRules": {
            "expectedHttpStatusCode": 200.0,
            "sSLCheck": True,
            "sSLCertRemainingLifetimeCheck": 14.0,
            "contentValidation": {"contentMatch": "fine", "passIfTextFound": True},
        },
        **changes,
    }
    return azure.resources.create(WEB_TEST, "health", given)


def criterion(**changes: Any) -> dict[str, Any]:
    return {
        "name": "errors",
        "criterionType": "StaticThresholdCriterion",
        "metricName": "Http4xx",
        "metricNamespace": "Microsoft.Web/sites",
        "timeAggregation": "Total",
        "operator": "GreaterThan",
        "threshold": 2.0,
        **changes,
    }


def dynamic(**changes: Any) -> dict[str, Any]:
    found = criterion(
        criterionType="DynamicThresholdCriterion",
        alertSensitivity="Medium",
        failingPeriods={"numberOfEvaluationPeriods": 4.0, "minFailingPeriodsToAlert": 4.0},
    )
    del found["threshold"]
    return {**found, **changes}


def a_metric_alert(azure: Azure, group: Resource, scope: Resource, **changes: Any) -> Resource:
    groups = azure.resources.list("azure-native:monitor:ActionGroup")
    soc = groups[0] if groups else an_action_group(azure, group)
    given = {
        "resourceGroupName": group.name,
        "ruleName": "errors",
        "location": "global",
        "severity": 2.0,
        "enabled": True,
        "evaluationFrequency": "PT1M",
        "windowSize": "PT5M",
        "scopes": [scope.id],
        "criteria": {"odataType": SINGLE, "allOf": [criterion()]},
        "actions": [{"actionGroupId": soc.id, "webHookProperties": {"alert": "client-errors"}}],
        **changes,
    }
    return azure.resources.create(METRIC, "errors", given)


def availability_criteria(test: Resource, component: Resource) -> dict[str, Any]:
    return {
        "odataType": WEB_TEST_CRITERIA,
        "webTestId": test.id,
        "componentId": component.id,
        "failedLocationCount": 3.0,
    }


def an_activity_alert(azure: Azure, group: Resource, **changes: Any) -> Resource:
    groups = azure.resources.list("azure-native:monitor:ActionGroup")
    soc = groups[0] if groups else an_action_group(azure, group)
    operations = ["Microsoft.Web/sites/write", "Microsoft.Web/sites/delete"]
    given = {
        "resourceGroupName": group.name,
        "activityLogAlertName": "app-changed",
        "location": "global",
        "enabled": True,
        "scopes": [group.id],
        "condition": {
            "allOf": [
                {"field": "category", "equals": "Administrative"},
                {"anyOf": [{"field": "operationName", "equals": each} for each in operations]},
                {"field": "status", "equals": "Succeeded"},
            ]
        },
        "actions": {"actionGroups": [{"actionGroupId": soc.id}]},
        **changes,
    }
    return azure.resources.create(ACTIVITY, "app-changed", given)
