"""The state of a metric alert rule from one evaluation to the next.

Microsoft, "Types of Azure Monitor alerts": a metric alert is resolved after three healthy
evaluations in a row.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lab.azure.monitor.metric.metric_rule import (
    Criterion,
    FailedLocations,
    MetricAlertFired,
    MetricRule,
)
from lab.azure.monitor.notify.fired_alert import Condition, FiredAlert

HEALTHY_EVALUATIONS: Final = 3
STATELESS_PAUSE: Final = timedelta(minutes=5)
"""Of a stateless rule that stays violated: Microsoft says "every 1 to 6 minutes" below PT5M."""

Read = Callable[[Criterion | FailedLocations, datetime, datetime], float | None]
"""The value of a condition over (start, end]; None where there is none."""


class MetricRuleRunner:
    """Evaluates one rule; `emit` gets its alert when it fires and resolves."""

    def __init__(
        self, rule: MetricRule, read: Read, emit: Callable[[FiredAlert, Condition], object]
    ) -> None:
        self.rule = rule
        self.evaluations = 0
        self.active: MetricAlertFired | None = None
        self._read = read
        self._emit = emit
        self._healthy = 0
        self._fired_at: datetime | None = None

    def tick(self, now: datetime) -> None:
        """One evaluation; where there is no data it changes nothing."""
        if not self.rule.enabled:
            return
        start = now - self.rule.window
        found = [self._read(condition, start, now) for condition in self.rule.conditions]
        values = tuple(value for value in found if value is not None)
        if len(values) < len(found):
            return
        self.evaluations += 1
        violated = all(
            condition.met(value)
            for condition, value in zip(self.rule.conditions, values, strict=True)
        )
        if violated:
            self._violated(now, values)
        else:
            self._is_healthy(now)

    def _violated(self, now: datetime, values: tuple[float, ...]) -> None:
        self._healthy = 0
        if self.rule.auto_mitigate and self.active is not None:
            return
        if self._fired_at is not None and now - self._fired_at < self._pause:
            return
        alert = MetricAlertFired(
            self.rule, {}, values[0], now, now - self.rule.window, now, values=values
        )
        self._fired_at = now
        if self.rule.auto_mitigate:
            self.active = alert
        self._emit(alert, "Fired")

    @property
    def _pause(self) -> timedelta:
        return timedelta(0) if self.rule.auto_mitigate else STATELESS_PAUSE

    def _is_healthy(self, now: datetime) -> None:
        self._healthy += 1
        if self.active is not None and self._healthy >= HEALTHY_EVALUATIONS:
            alert, self.active = self.active, None
            alert.resolved_at = now
            self._emit(alert, "Resolved")
