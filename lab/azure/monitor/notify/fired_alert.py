"""A fired alert, whatever its signal, and what was sent about it."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from lab.azure.core.resource_id import SUBSCRIPTION

Condition = Literal["Fired", "Resolved"]
"""`monitorCondition` of the common alert schema."""

DeliveryStatus = Literal["pending", "delivered", "failed", "suppressed"]

_NAMESPACE: Final = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562, for URLs


class Rule(Protocol):
    """What an alert needs of the rule that fired it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def display_name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def severity(self) -> int: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...
    @property
    def action_groups(self) -> tuple[str, ...]: ...
    @property
    def custom_properties(self) -> Mapping[str, str]: ...
    @property
    def action_properties(self) -> Mapping[str, str]: ...
    @property
    def signal_type(self) -> str:
        """`signalType` of the common alert schema."""

    @property
    def monitoring_service(self) -> str:
        """`monitoringService` of the common alert schema."""


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
class FiredAlert(ABC):
    """`deliveries` grows while messages go out."""

    rule: Rule
    dimensions: Mapping[str, str]
    value: float
    fired_at: datetime
    window_start: datetime
    window_end: datetime
    resolved_at: datetime | None = None
    muted: bool = False
    deliveries: list[Delivery] = field(default_factory=list)

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

    @property
    def targets(self) -> tuple[str, ...]:
        """Ids of what the alert is about; the first is the one that mails name."""
        return self.rule.scopes

    @property
    def configuration_items(self) -> list[str]:
        """`configurationItems` of the common alert schema."""
        return [each.rpartition("/")[2] for each in self.targets]

    @property
    @abstractmethod
    def measured(self) -> str:
        """What was measured or seen, for people."""

    @abstractmethod
    def context(self) -> dict[str, Any]:
        """`alertContext` of the common alert schema, without custom properties."""
