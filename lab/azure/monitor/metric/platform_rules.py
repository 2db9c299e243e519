"""The metric alert rules of one Azure: which are evaluated, and which are only recorded."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from components.limits.metric_alert import DYNAMIC, SITES, WEB_TEST
from lab.azure.applicationinsights.availability import Availability
from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.monitor.metric import health_probe
from lab.azure.monitor.metric.health_probe import HealthProbe
from lab.azure.monitor.metric.metric_rule import Criterion, FailedLocations, MetricRule
from lab.azure.monitor.metric.metric_state import MetricRuleRunner
from lab.azure.monitor.metric.metrics import MEASURED, SiteMetrics
from lab.azure.monitor.notify.alerting import Alerting
from lab.clock.clock import EVALUATE, Appointment
from lab.clock.ticks import next_tick


class PlatformRules:
    """Evaluates each rule at whole multiples of its frequency, UTC."""

    def __init__(self, azure: Subscription) -> None:
        self.runners: dict[str, MetricRuleRunner] = {}
        """By the rule's id in lower case."""
        self.recorded: dict[str, str] = {}
        """By the rule's id in lower case: why the lab cannot evaluate it."""
        self._azure = azure
        self._ticks: dict[str, Appointment] = {}
        self._probes: dict[str, HealthProbe] = {}

    def start(self, resource: Resource) -> None:
        """Evaluate the rule from its next tick on, or record why not."""
        key = resource.id.lower()
        reason = unevaluated(resource.inputs)
        if reason:
            self.recorded[key] = reason
            return
        rule = MetricRule.from_arm(resource.inputs, id=resource.id, name=resource.name)
        scope = rule.scopes[0]

        def read(
            condition: Criterion | FailedLocations, start: datetime, end: datetime
        ) -> float | None:
            return self._value(scope, condition, start, end)

        clock, alerting = self._azure.clock, self._azure.service(Alerting)
        runner = self.runners[key] = MetricRuleRunner(rule, read, alerting.emit)
        self._ticks[key] = clock.every(
            next_tick(clock.now, rule.frequency),
            rule.frequency,
            lambda: runner.tick(clock.now),
            order=EVALUATE,
        )

    def notices(self) -> Iterator[str]:
        """A line for each reason why rules are only recorded."""
        rules: dict[str, list[str]] = {}
        for rule_id, reason in self.recorded.items():
            found = self._azure.resources.find(rule_id)
            rules.setdefault(reason, []).append(found.logical_name if found else rule_id)
        # In order of their names: the engine makes several rules at the same time.
        for reason, names in sorted(rules.items()):
            yield f"recorded only, not evaluated: {', '.join(sorted(names))}; {reason}"

    def stop(self, rule_id: str) -> None:
        """A fired alert stays as it is."""
        key = rule_id.lower()
        self.recorded.pop(key, None)
        if key in self._ticks:
            self._ticks.pop(key).cancel()
            self.runners.pop(key)

    def _value(
        self, scope: str, condition: Criterion | FailedLocations, start: datetime, end: datetime
    ) -> float | None:
        if isinstance(condition, FailedLocations):
            failed = self._azure.service(Availability).failed(condition.web_test, start, end)
            return None if failed is None else float(failed)
        if condition.metric == health_probe.METRIC:
            probe = self._probes.setdefault(scope.lower(), HealthProbe(self._azure, scope))
            return probe.value(start, end)
        return self._azure.service(SiteMetrics).value(scope, condition.metric, start, end)


def unevaluated(inputs: dict[str, Any]) -> str:
    """Why the lab only records a rule; '' for one that it evaluates."""
    criteria = inputs["criteria"]
    if criteria["odataType"] == WEB_TEST:
        return ""
    for each in criteria["allOf"]:
        if each.get("criterionType") == DYNAMIC:
            return "dynamic thresholds need 3 days of history"
        if each.get("dimensions"):
            return "metrics are not split by dimensions here"
        known = each["metricName"] in MEASURED | {health_probe.METRIC}
        site = f"/providers/{SITES}/".lower() in str(inputs["scopes"][0]).lower()
        if not known or not site:
            return "their metrics are not measured here"
    return ""
