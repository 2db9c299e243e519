"""Microsoft.Insights: alert rules, alerts, action groups, diagnostic settings."""

from typing import Final

from lab.azure.core.diagnostic_setting import DiagnosticSetting
from lab.azure.core.resource import ResourceType
from lab.azure.monitor.activity.activity_export import SubscriptionDiagnosticSetting
from lab.azure.monitor.activity.activity_log_alert import ActivityLogAlert
from lab.azure.monitor.log_search.scheduled_query_rule import ScheduledQueryRule
from lab.azure.monitor.metric.metric_alert import MetricAlert
from lab.azure.monitor.notify.action_group import ActionGroup

__all__ = [
    "TYPES",
    "ActionGroup",
    "ActivityLogAlert",
    "DiagnosticSetting",
    "MetricAlert",
    "ScheduledQueryRule",
    "SubscriptionDiagnosticSetting",
]

TYPES: Final[list[type[ResourceType]]] = [
    ActionGroup,
    ActivityLogAlert,
    DiagnosticSetting,
    MetricAlert,
    ScheduledQueryRule,
    SubscriptionDiagnosticSetting,
]
