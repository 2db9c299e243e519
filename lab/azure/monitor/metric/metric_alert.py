"""Metric alert rules: checked as Azure checks them, evaluated where the lab has the metric."""

from collections.abc import Mapping
from typing import Any

from components.limits import alert_rule, metric_alert
from components.limits.alert_rule import duration
from components.limits.refusal import Refusal
from lab.azure.core.billing import Metered
from lab.azure.core.location import GLOBAL
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import SUBSCRIPTION, ArmPath
from lab.azure.monitor.alert_name import ALERT_NAME
from lab.azure.monitor.metric import metric_criteria
from lab.azure.monitor.metric.platform_rules import PlatformRules


class MetricAlert(ResourceType):
    """Requests, statuses, response time, health and availability are evaluated, if static."""

    pulumi_type = "azure-native:monitor:MetricAlert"
    path = ArmPath("Microsoft.Insights/metricAlerts", ("ruleName",))
    name_rule = ALERT_NAME
    locations = GLOBAL
    billing = Metered(("metric_alert_series", "metric_alert_dynamic"))

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Create a metric alert rule"; values as the azurerm provider is tested."""
        found = [*_value_problems(inputs), *self._missing(inputs)]
        if inputs["criteria"]["odataType"] == metric_alert.WEB_TEST:
            return [*found, *self._web_test_problems(inputs)]
        return [*found, *metric_criteria.problems(inputs)]

    def create(self, resource: Resource) -> None:
        self.azure.service(PlatformRules).start(resource)

    def delete(self, resource: Resource) -> None:
        self.azure.service(PlatformRules).stop(resource.id)

    def _missing(self, inputs: Mapping[str, Any]) -> list[Refusal]:
        found = []
        if not inputs["scopes"]:
            found.append(refused("scopes", [], "expected a resource id or more"))
        for number, scope in enumerate(inputs["scopes"]):
            ours = scope.lower().startswith(f"{SUBSCRIPTION}/".lower())
            if not scope.startswith("/subscriptions/") or (ours and not self._exists(scope)):
                found.append(
                    refused(f"scopes[{number}]", scope, "expected the id of what exists (404)")
                )
        actions = inputs.get("actions") or []
        if len(actions) > alert_rule.MAX_ACTION_GROUPS:
            expectation = f"expected at most {alert_rule.MAX_ACTION_GROUPS}"
            found.append(refused("actions", len(actions), expectation))
        for number, action in enumerate(actions):
            group = action.get("actionGroupId")
            if group is None or self.azure.resources.find(group) is None:
                place = f"actions[{number}].actionGroupId"
                found.append(refused(place, group, "expected an action group that exists"))
        return found

    def _exists(self, resource_id: str) -> bool:
        return self.azure.resources.find(resource_id) is not None

    def _web_test_problems(self, inputs: Mapping[str, Any]) -> list[Refusal]:
        criteria = inputs["criteria"]
        test, component = str(criteria["webTestId"]), str(criteria["componentId"])
        found = []
        if {each.lower() for each in inputs["scopes"]} != {test.lower(), component.lower()}:
            expectation = "expected both, the web test and the component, and nothing else"
            found.append(refused("scopes", inputs["scopes"], expectation))
        there = self.azure.resources.find(test)
        most = len(there.inputs.get("locations") or ()) if there else 16
        count = criteria["failedLocationCount"]
        if not (1 <= count <= most and float(count).is_integer()):
            expectation = f"expected a whole number, 1 to the {most} places of the test"
            found.append(refused("criteria.failedLocationCount", count, expectation))
        return found


def _value_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    limits = metric_alert
    closed = (
        ("severity", limits.SEVERITIES),
        ("evaluationFrequency", limits.FREQUENCIES),
        ("windowSize", limits.WINDOWS),
    )
    found = [
        refused(name, inputs[name], f"expected one of {', '.join(str(each) for each in allowed)}")
        for name, allowed in closed
        if inputs[name] not in allowed
    ]
    if not found and duration(inputs["windowSize"]) < duration(inputs["evaluationFrequency"]):
        expectation = f"expected at least the frequency ({inputs['evaluationFrequency']})"
        found.append(refused("windowSize", inputs["windowSize"], expectation))
    return found
