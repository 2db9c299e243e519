"""An alert processing rule held against an alert: Microsoft, "Alert processing rules"."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lab.azure.monitor.notify.alert_schedule import Schedule

EXACT: Final = ("Severity", "MonitorService", "MonitorCondition", "SignalType")
"""Fields that know no Contains."""

_ESSENTIAL: Final = {
    "Severity": "severity",
    "MonitorService": "monitoringService",
    "MonitorCondition": "monitorCondition",
    "SignalType": "signalType",
    "TargetResourceType": "targetResourceType",
    "TargetResource": "alertTargetIDs",
    "AlertRuleId": "alertRuleID",
    "AlertRuleName": "alertRule",
    "Description": "description",
}


@dataclass(frozen=True)
class Filter:
    """One condition of a rule; any of its values will do."""

    field: str
    operator: str
    values: tuple[str, ...]

    def takes(self, payload: Mapping[str, Any]) -> bool:
        """Whether an alert, in the common alert schema, passes."""
        actual = [_plain(self.field, each) for each in _values(self.field, payload)]
        wanted = [_plain(self.field, each) for each in self.values]
        if self.operator.endswith("quals"):
            found = any(each in wanted for each in actual)
        else:
            found = any(part in each for part in wanted for each in actual)
        return found == (self.operator in ("Equals", "Contains"))


@dataclass(frozen=True)
class ProcessingRule:
    """What is done to the alerts that it applies to: groups are added, or all removed."""

    name: str
    enabled: bool
    scopes: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    schedule: Schedule | None = None
    removes: bool = False
    adds: tuple[str, ...] = ()
    """Ids of action groups."""

    @classmethod
    def from_arm(cls, properties: Mapping[str, Any], name: str) -> "ProcessingRule":
        actions = properties["actions"]
        schedule = properties.get("schedule")
        return cls(
            name,
            bool(properties.get("enabled", True)),
            tuple(properties["scopes"]),
            tuple(
                Filter(each["field"], each["operator"], tuple(each["values"]))
                for each in properties.get("conditions") or ()
            ),
            Schedule.from_arm(schedule) if schedule else None,
            any(each["actionType"] == "RemoveAllActionGroups" for each in actions),
            tuple(group for each in actions for group in each.get("actionGroupIds") or ()),
        )

    def applies(self, payload: Mapping[str, Any], now: datetime) -> bool:
        """Whether it holds for an alert in the common alert schema at this moment."""
        essentials = payload["data"]["essentials"]
        if not self.enabled or essentials.get("monitoringService") == "ServiceHealth":
            return False  # "don't affect Azure Service Health alerts"
        targets = [f"{each}/".lower() for each in essentials.get("alertTargetIDs") or ()]
        scopes = tuple(f"{each.rstrip('/')}/".lower() for each in self.scopes)
        return (
            any(each.startswith(scopes) for each in targets)
            and (self.schedule is None or self.schedule.holds(now))
            and all(each.takes(payload) for each in self.filters)
        )


def _values(field: str, payload: Mapping[str, Any]) -> list[str]:
    data = payload["data"]
    if field == "AlertContext":
        return [json.dumps(data.get("alertContext"), ensure_ascii=False)]
    if field == "TargetResourceGroup":
        targets = data["essentials"].get("alertTargetIDs") or []
        return ["/".join(each.split("/")[:5]) for each in targets]
    found = data["essentials"].get(_ESSENTIAL[field])
    if found is None:
        return []
    return [str(each) for each in found] if isinstance(found, list) else [str(found)]


def _plain(field: str, text: str) -> str:
    """A service is `Activity Log - Administrative` in an alert, `ActivityLog Administrative` in
    rules that Azure takes (Azure/bicep-registry-modules, alerts-management/action-rule)."""
    folded = text.casefold()
    return re.sub(r"[^a-z0-9.]", "", folded) if field == "MonitorService" else folded
