"""A metric alert rule as the lab evaluates it, and the alert that it fires.

Microsoft, "Create a metric alert rule", "Samples of Azure Monitor alert payloads".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from components.limits import metric_alert
from components.limits.alert_rule import duration
from lab.azure.monitor.log_search.alert_rule import violates
from lab.azure.monitor.notify.alert_text import shortest
from lab.azure.monitor.notify.fired_alert import FiredAlert
from lab.clock.rfc3339 import rfc3339


@dataclass(frozen=True)
class Criterion:
    """One metric of one resource against one number; all criteria of a rule must be met."""

    metric: str
    aggregation: str
    operator: str
    threshold: float
    namespace: str | None = None

    def met(self, value: float) -> bool:
        operator = "Equal" if self.operator == "Equals" else self.operator
        return violates(operator, value, self.threshold)


@dataclass(frozen=True)
class FailedLocations:
    """How many places an availability test may fail from."""

    web_test: str
    component: str
    count: float

    def met(self, value: float) -> bool:
        return value >= self.count


@dataclass(frozen=True)
class MetricRule:
    """A rule with static criteria on one resource, or on an availability test."""

    id: str
    name: str
    scopes: tuple[str, ...]
    severity: int
    frequency: timedelta
    window: timedelta
    window_size: str
    conditions: tuple[Criterion | FailedLocations, ...]
    condition_type: str
    enabled: bool = True
    auto_mitigate: bool = True
    description: str = ""
    action_groups: tuple[str, ...] = ()
    custom_properties: Mapping[str, str] = field(default_factory=dict)
    display_name: str = ""
    action_properties: Mapping[str, str] = field(default_factory=dict)
    signal_type: ClassVar = "Metric"
    monitoring_service: ClassVar = "Platform"

    @classmethod
    def from_arm(cls, inputs: Mapping[str, Any], *, id: str, name: str) -> "MetricRule":
        """From the camelCase inputs of a MetricAlert without dynamic thresholds."""
        criteria = inputs["criteria"]
        actions = inputs.get("actions") or []
        custom: dict[str, str] = {}
        for action in actions:
            custom |= action.get("webHookProperties") or {}
        return cls(
            id=id,
            name=name,
            scopes=tuple(inputs["scopes"]),
            severity=int(inputs["severity"]),
            frequency=duration(inputs["evaluationFrequency"]),
            window=duration(inputs["windowSize"]),
            window_size=inputs["windowSize"],
            conditions=_conditions(criteria),
            condition_type=criteria["odataType"].rpartition(".")[2],
            enabled=bool(inputs["enabled"]),
            auto_mitigate=inputs.get("autoMitigate") is not False,
            description=str(inputs.get("description") or ""),
            action_groups=tuple(
                each["actionGroupId"] for each in actions if each.get("actionGroupId")
            ),
            custom_properties=custom,
        )


@dataclass
class MetricAlertFired(FiredAlert):
    """`value` is that of the first criterion."""

    rule: MetricRule
    values: tuple[float, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Of an availability alert Azure names the component alone."""
        first = self.rule.conditions[0]
        return (first.component,) if isinstance(first, FailedLocations) else self.rule.scopes

    @property
    def measured(self) -> str:
        first = self.rule.conditions[0]
        if isinstance(first, FailedLocations):
            return f"{self.value:g} failed locations (at least {first.count:g})"
        return (
            f"{first.aggregation} of {first.metric} {self.value:g}"
            f" ({first.operator} {first.threshold:g})"
        )

    def context(self) -> dict[str, Any]:
        return {
            "properties": None,
            "conditionType": self.rule.condition_type,
            "condition": {
                "windowSize": self.rule.window_size,
                "allOf": [
                    _as_json(condition, value)
                    for condition, value in zip(self.rule.conditions, self.values, strict=True)
                ],
                "windowStartTime": rfc3339(self.window_start),
                "windowEndTime": rfc3339(self.window_end),
            },
        }


def _conditions(criteria: Mapping[str, Any]) -> tuple[Criterion | FailedLocations, ...]:
    if criteria["odataType"] == metric_alert.WEB_TEST:
        return (
            FailedLocations(
                criteria["webTestId"], criteria["componentId"], criteria["failedLocationCount"]
            ),
        )
    return tuple(
        Criterion(
            metric=each["metricName"],
            aggregation=each["timeAggregation"],
            operator=each["operator"],
            threshold=each["threshold"],
            namespace=each.get("metricNamespace"),
        )
        for each in criteria["allOf"]
    )


def _as_json(condition: Criterion | FailedLocations, value: float) -> dict[str, Any]:
    if isinstance(condition, FailedLocations):
        return {
            "metricName": "Failed Location",
            "metricNamespace": None,
            "operator": "GreaterThan",
            "threshold": str(shortest(condition.count - 1)),
            "timeAggregation": "Sum",
            "dimensions": [],
            "metricValue": shortest(value),
            "webTestName": condition.web_test.rpartition("/")[2],
        }
    return {
        "metricName": condition.metric,
        "metricNamespace": condition.namespace,
        "operator": condition.operator,
        "threshold": str(shortest(condition.threshold)),
        "timeAggregation": condition.aggregation,
        "dimensions": [],
        "metricValue": shortest(value),
        "webTestName": None,
    }
