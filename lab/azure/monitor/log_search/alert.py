"""A fired alert of a log search rule: one combination of dimension values, and its messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.azure.monitor.log_search import log_context
from lab.azure.monitor.log_search.alert_rule import AlertRule, Series
from lab.azure.monitor.notify.fired_alert import Condition, Delivery, DeliveryStatus, FiredAlert

__all__ = ["Alert", "Condition", "Delivery", "DeliveryStatus"]


@dataclass
class Alert(FiredAlert):
    """Of a log search rule; a stateless one is never resolved."""

    rule: AlertRule

    @classmethod
    def of(cls, rule: AlertRule, series: Series, now: datetime, *, muted: bool = False) -> "Alert":
        return cls(
            rule=rule,
            dimensions=series.dimensions,
            value=series.value,
            fired_at=now,
            window_start=series.window_start,
            window_end=series.window_end,
            muted=muted,
        )

    @property
    def configuration_items(self) -> list[str]:
        return log_context.configuration_items(self.dimensions)

    @property
    def measured(self) -> str:
        rule = self.rule
        return f"{rule.aggregation} {self.value:g} ({rule.operator} {rule.threshold:g})"

    def context(self) -> dict[str, Any]:
        span = (self.window_start, self.window_end)
        return log_context.log_context(self.rule, self.dimensions, self.value, span)
