"""The activity log of one Azure: what the resource manager did, and the alert rules on it.

Microsoft, "Azure Activity Log event schema" and "Samples of Azure Monitor alert payloads". Only
changes are logged, when they are done (`Succeeded`); Azure logs their start too. Nobody signs in to
the lab, so that the caller of every change is the lab itself.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal, Self

from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.monitor.notify.alerting import Alerting
from lab.azure.monitor.notify.fired_alert import FiredAlert
from lab.clock.rfc3339 import azure_time

ACTIVE_AFTER: Final = timedelta(minutes=5)
"""Microsoft: "It can take up to five minutes for an activity log alert rule to become active." """

SEVERITY: Final = 4
CALLER: Final = "lab@example.com"

_NAMESPACE: Final = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


@dataclass(frozen=True)
class Event:
    """One change that was made."""

    number: int
    at: datetime
    resource_id: str
    operation: str
    category: str = "Administrative"
    status: str = "Succeeded"
    level: str = "Informational"

    def value(self, name: str) -> str | None:
        """Of a field as conditions name it; None for one that it does not have."""
        segments = self.resource_id.split("/")
        provider = self.operation.split("/")[0]
        values = {
            "category": self.category,
            "operationname": self.operation,
            "status": self.status,
            "substatus": "",
            "level": self.level,
            "caller": CALLER,
            "resourceid": self.resource_id,
            "resourcegroup": segments[4] if len(segments) > 4 else "",
            "resourceprovider": provider,
            "resourcetype": self.operation.rpartition("/")[0],
        }
        return values.get(name.lower())

    def guid(self, part: str) -> str:
        """The same for the same event."""
        return str(uuid.uuid5(_NAMESPACE, f"{part} {self.number} {self.at.isoformat()}"))


@dataclass(frozen=True)
class ActivityRule:
    """A rule on the activity log; it fires for each event and never resolves."""

    id: str
    name: str
    scopes: tuple[str, ...]
    conditions: Sequence[Mapping[str, Any]]
    active_from: datetime
    enabled: bool = True
    description: str = ""
    action_groups: tuple[str, ...] = ()
    custom_properties: Mapping[str, str] = field(default_factory=dict)
    severity: int = SEVERITY
    display_name: str = ""
    action_properties: Mapping[str, str] = field(default_factory=dict)
    signal_type: ClassVar = "Activity Log"

    @property
    def monitoring_service(self) -> str:
        """`Activity Log - Administrative`; health has services of its own."""
        category = next(
            str(each["equals"])
            for each in self.conditions
            if str(each.get("field", "")).lower() == "category"
        )
        own = {"ServiceHealth": "ServiceHealth", "ResourceHealth": "Resource Health"}
        return own.get(category, f"Activity Log - {category}")

    @classmethod
    def from_arm(cls, resource: Resource, now: datetime) -> Self:
        """From an ActivityLogAlert that has been checked."""
        inputs = resource.inputs
        groups = (inputs.get("actions") or {}).get("actionGroups") or []
        custom: dict[str, str] = {}
        for group in groups:
            custom |= group.get("webhookProperties") or {}
        return cls(
            id=resource.id,
            name=resource.name,
            scopes=tuple(inputs["scopes"]),
            conditions=inputs["condition"]["allOf"],
            active_from=now + ACTIVE_AFTER,
            enabled=inputs.get("enabled") is not False,
            description=str(inputs.get("description") or ""),
            action_groups=tuple(group["actionGroupId"] for group in groups),
            custom_properties=custom,
        )

    def takes(self, event: Event) -> bool:
        """Whether an event is of its scope and meets every condition."""
        inside = f"{event.resource_id}/".lower()
        return (
            self.enabled
            and event.at >= self.active_from
            and any(inside.startswith(f"{scope.rstrip('/')}/".lower()) for scope in self.scopes)
            and all(_met(each, event) for each in self.conditions)
        )


@dataclass
class ActivityAlert(FiredAlert):
    """One event that a rule was waiting for."""

    rule: ActivityRule
    event: Event | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return (self._event.resource_id,)

    @property
    def guid(self) -> str:
        return self._event.guid(self.rule.id)

    @property
    def measured(self) -> str:
        return f"{self._event.operation} by {CALLER}"

    def context(self) -> dict[str, Any]:
        event, at = self._event, azure_time(self.fired_at)
        return {
            "authorization": {"action": event.operation, "scope": event.resource_id},
            "channels": "Operation",
            "claims": "{}",
            "caller": CALLER,
            "correlationId": event.guid("correlation"),
            "eventSource": event.category,
            "eventTimestamp": at,
            "eventDataId": event.guid("data"),
            "level": event.level,
            "operationName": event.operation,
            "operationId": event.guid("operation"),
            "properties": {
                "eventCategory": event.category,
                "entity": event.resource_id,
                "message": event.operation,
            },
            "status": event.status,
            "subStatus": "",
            "submissionTimestamp": at,
        }

    @property
    def _event(self) -> Event:
        if self.event is None:
            raise ValueError(f"alert of {self.rule.name} has no event; expected the one it is for")
        return self.event


class ActivityLog:
    """Listens to the resource manager from the first rule on."""

    def __init__(self, azure: Subscription) -> None:
        self.rules: dict[str, ActivityRule] = {}
        """By the rule's id in lower case."""
        self.listeners: list[Callable[[Event, Literal["write", "delete"]], object]] = []
        """Told of every event, after the rules."""
        self._azure = azure
        self._count = 0
        azure.resources.listeners.append(self._changed)

    def start(self, resource: Resource, *, changed: bool = False) -> None:
        """A rule that is changed goes on; a new one takes some minutes to become active."""
        key, now = resource.id.lower(), self._azure.clock.now
        before = self.rules.get(key)
        moment = before.active_from - ACTIVE_AFTER if changed and before else now
        self.rules[key] = ActivityRule.from_arm(resource, moment)

    def stop(self, rule_id: str) -> None:
        self.rules.pop(rule_id.lower(), None)

    def _changed(self, resource: Resource, verb: Literal["write", "delete"]) -> None:
        if not resource.token.startswith("azure-native:"):
            return
        self._count += 1
        operation = f"{resource.outputs['type']}/{verb}"
        now = self._azure.clock.now
        event = Event(self._count, now, resource.id, operation)
        for rule in [each for each in self.rules.values() if each.takes(event)]:
            alert = ActivityAlert(rule, {}, 1, now, now, now, event=event)
            self._azure.service(Alerting).emit(alert, "Fired")
        for listener in self.listeners:
            listener(event, verb)


def _met(condition: Mapping[str, Any], event: Event) -> bool:
    if condition.get("anyOf"):
        return any(_met(each, event) for each in condition["anyOf"])
    value = event.value(str(condition["field"]))
    if value is None:
        return False
    wanted = condition.get("containsAny") or [condition.get("equals")]
    return value.lower() in {str(each).lower() for each in wanted}
