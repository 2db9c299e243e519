"""Diagnostic settings of the subscription: its activity log as rows of AzureActivity."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from components.limits.activity_log import EXPORTED
from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free
from lab.azure.core.diagnostic_setting import (
    MAX_SETTINGS,
    SETTING_NAME,
    retention_problems,
    sink_problems,
    taken_sinks,
)
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import SUBSCRIPTION_ID, ArmPath
from lab.azure.core.subscription import Subscription
from lab.azure.monitor.activity.activity_log import CALLER, ActivityLog, Event

TABLE: Final = "AzureActivity"
_EXPECTED: Final = f"expected {', '.join(EXPORTED)}"


class SubscriptionDiagnosticSetting(ResourceType):
    """What changes from its creation on becomes rows; Azure takes 3 to 20 minutes for each."""

    pulumi_type = "azure-native:monitor:SubscriptionDiagnosticSetting"
    path = ArmPath("Microsoft.Insights/diagnosticSettings", ("name",))
    name_rule = SETTING_NAME
    billing = Free("exports the activity log, which is not billed")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Diagnostic settings in Azure Monitor" and "Azure activity log"."""
        return [
            *sink_problems(self.azure, inputs),
            *retention_problems(inputs),
            *(
                refused(f"logs[{number}].category", log["category"], _EXPECTED)
                for number, log in enumerate(inputs.get("logs") or ())
                if log.get("category") not in (None, *EXPORTED)
            ),
        ]

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """Five settings of a subscription, and a category once to each sink (409)."""
        others = [
            each for each in self.azure.resources.list(self.pulumi_type) if each.id != resource.id
        ]
        if len(others) >= MAX_SETTINGS:
            expectation = f"expected at most {MAX_SETTINGS} settings of one subscription"
            return [refused("", ABSENT, expectation, "is one too many")]
        return taken_sinks(resource, others)

    def create(self, resource: Resource) -> None:
        self.azure.service(ActivityExport)


class ActivityExport:
    """Listens to the activity log from the first setting on."""

    def __init__(self, azure: Subscription) -> None:
        self._azure = azure
        self._working: set[str] = set()
        """Ids of the settings whose own creation is over: that is no row of theirs."""
        azure.service(ActivityLog).listeners.append(self._logged)

    def _logged(self, event: Event, verb: Literal["write", "delete"]) -> None:
        seen_at = self._azure.clock.now + self._azure.ingestion_delay
        for setting in self._azure.resources.list(SubscriptionDiagnosticSetting.pulumi_type):
            if setting.id not in self._working:
                self._working.add(setting.id)
                continue
            tables = self._azure.workspaces.get(str(setting.inputs.get("workspaceId")).lower())
            if tables is not None and event.category in _enabled(setting.inputs):
                tables.write(TABLE, [_row(event)], seen_at)


def _enabled(inputs: Mapping[str, Any]) -> set[str]:
    logs = inputs.get("logs") or ()
    return {str(each.get("category")) for each in logs if each.get("enabled")}


def _row(event: Event) -> dict[str, Any]:
    """Columns and spellings as in Microsoft's hunting queries over this table: names of operations
    in upper case, `Success` for what is `Succeeded` elsewhere.
    """
    segments = event.resource_id.split("/")
    return {
        "TimeGenerated": event.at,
        "Category": event.category,
        "CategoryValue": event.category,
        "OperationName": event.operation,
        "OperationNameValue": event.operation.upper(),
        "ActivityStatus": event.status,
        "ActivityStatusValue": "Success",
        "Level": event.level,
        "Caller": CALLER,
        "ResourceGroup": segments[4] if len(segments) > 4 else "",
        "ResourceProviderValue": event.operation.split("/")[0].upper(),
        "Resource": segments[-1],
        "_ResourceId": event.resource_id.lower(),
        "SubscriptionId": SUBSCRIPTION_ID,
        "CorrelationId": event.guid("correlation"),
        "EventDataId": event.guid("data"),
        "SourceSystem": "Azure",
        "Type": TABLE,
    }
