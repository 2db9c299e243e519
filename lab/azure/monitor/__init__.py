"""Microsoft.Insights: alert rules, alerts, action groups, diagnostic settings."""

from typing import Final

from lab.azure.arm import ResourceType
from lab.azure.monitor.action_group import ActionGroup
from lab.azure.monitor.diagnostic_setting import DiagnosticSetting
from lab.azure.monitor.scheduled_query_rule import ScheduledQueryRule

__all__ = ["TYPES", "ActionGroup", "DiagnosticSetting", "ScheduledQueryRule"]

TYPES: Final[list[type[ResourceType]]] = [ActionGroup, DiagnosticSetting, ScheduledQueryRule]
