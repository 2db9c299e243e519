"""A fired alert: one rule, one combination of dimension values, and what was sent about it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from lab.azure.monitor import common_alert_schema
from lab.azure.monitor.alert_rule import AlertRule, Series
from lab.azure.resource_id import SUBSCRIPTION

Condition = Literal["Fired", "Resolved"]
"""`monitorCondition` of the common alert schema."""

DeliveryStatus = Literal["pending", "delivered", "failed", "suppressed"]

_NAMESPACE: Final = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562, for URLs


@dataclass
class Delivery:
    """One message to one receiver; `to` is an address, or only the host of a secret URL."""

    kind: str
    receiver: str
    to: str
    condition: Condition
    at: datetime
    """Of the last attempt."""
    status: DeliveryStatus = "pending"
    attempts: int = 0
    detail: str = ""
    """Why it is not delivered, or that it went to the lab's inbox instead."""


@dataclass
class Alert:
    """`deliveries` grows while messages go out; a stateless alert is never resolved."""

    rule: AlertRule
    dimensions: Mapping[str, str]
    value: float
    fired_at: datetime
    window_start: datetime
    window_end: datetime
    resolved_at: datetime | None = None
    muted: bool = False
    deliveries: list[Delivery] = field(default_factory=list)

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
    def guid(self) -> str:
        """The same for the same rule, dimension values and time of firing."""
        parts = [self.rule.id, self.rule.name, self.fired_at.isoformat(), repr(self.key)]
        return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))

    @property
    def id(self) -> str:
        return f"{SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts/{self.guid}"

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """What tells alerts of one rule apart."""
        return tuple(sorted(self.dimensions.items()))

    @property
    def severity(self) -> int:
        return self.rule.severity

    @property
    def condition(self) -> Condition:
        return "Fired" if self.resolved_at is None else "Resolved"

    def payload(self, condition: Condition | None = None) -> dict[str, Any]:
        """The common alert schema's form of it; as it is now, unless a condition is named."""
        return common_alert_schema.payload(self, condition or self.condition)
