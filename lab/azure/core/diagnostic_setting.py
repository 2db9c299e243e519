"""Diagnostic settings: which log categories of a resource go to which workspace."""

from collections.abc import Mapping
from typing import Any, Final

from lab.azure.core.billing import Free
from lab.azure.core.name_rule import NameRule
from lab.azure.core.problem import Problem
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription

SETTING_NAME: Final = NameRule(
    1, 260, r"(?!service$)[^*<>%&:\\?+/]+", r"none of *<>%&:\?+/, and not the word service"
)
MAX_SETTINGS: Final = 5
AUDIT: Final = frozenset({"AppServiceAuditLogs", "AppServiceIPSecAuditLogs"})
SITE_CATEGORIES: Final = (
    "AppServiceConsoleLogs",
    "AppServiceHTTPLogs",
    "AppServiceAppLogs",
    "AppServicePlatformLogs",
    "AppServiceAuditLogs",
    "AppServiceIPSecAuditLogs",
    "AppServiceAuthenticationLogs",
    "AppServiceFileAuditLogs",
    "AppServiceAntivirusScanAuditLogs",
)
_SINKS: Final = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId")


class DiagnosticSetting(ResourceType):
    """Rows flow from its creation on; Azure may take up to 90 minutes for the first ones."""

    pulumi_type = "azure-native:monitor:DiagnosticSetting"
    path = ArmPath("Microsoft.Insights/diagnosticSettings", ("name",), scope="resourceUri")
    name_rule = SETTING_NAME
    billing = Free("brings rows that are in the log store's price")
    replace_on = ("resourceUri", "name")

    def check(self, inputs: dict[str, Any]) -> list[Problem]:
        """Microsoft, "Diagnostic settings in Azure Monitor"."""
        return [
            *self._sink_problems(inputs),
            *_category_problems(inputs),
            *self._conflicts(inputs),
        ]

    def _sink_problems(self, inputs: Mapping[str, Any]) -> list[Problem]:
        workspace = inputs.get("workspaceId")
        if workspace and workspace.lower() not in self.azure.workspaces:
            expectation = "expected the id of a Log Analytics workspace that exists"
            return [Problem("workspaceId", workspace, expectation)]
        if not any(inputs.get(sink) for sink in (*_SINKS, "marketplacePartnerId")):
            return [Problem("workspaceId", None, "expected a workspace, or another sink")]
        if inputs.get("name") == "service":
            return [Problem("name", "service", "expected another name: this one is reserved")]
        return []

    def _conflicts(self, inputs: Mapping[str, Any]) -> list[Problem]:
        others = [
            each
            for each in settings_of(self.azure, str(inputs["resourceUri"]))
            if each.inputs.get("name") != inputs.get("name")
        ]
        if len(others) >= MAX_SETTINGS:
            expectation = f"expected at most {MAX_SETTINGS} settings of one resource"
            return [Problem("resourceUri", inputs["resourceUri"], expectation)]
        for other in others:
            for sink in _SINKS:
                same = str(inputs.get(sink) or "").lower()
                taken = categories(inputs) & categories(other.inputs)
                if same and same == str(other.inputs.get(sink) or "").lower() and taken:
                    listed = ", ".join(sorted(taken))
                    expectation = f"data sink is already used in diagnostic setting {other.name}"
                    return [Problem("logs", listed, f"{expectation} (409)")]
        return []


def workspaces_for(azure: Subscription, resource_id: str, category: str) -> list[str]:
    """Ids of the workspaces that a resource's rows of a category go to; each once."""
    found = [
        str(setting.inputs["workspaceId"])
        for setting in settings_of(azure, resource_id)
        if setting.inputs.get("workspaceId") and category in categories(setting.inputs)
    ]
    return list(dict.fromkeys(found))


def dedicated_workspaces_for(azure: Subscription, resource_id: str, category: str) -> list[str]:
    """As `workspaces_for`, in lower case, where the rows go to a table of their own."""
    return [
        str(setting.inputs["workspaceId"]).lower()
        for setting in settings_of(azure, resource_id)
        if setting.inputs.get("workspaceId")
        and setting.inputs.get("logAnalyticsDestinationType") == "Dedicated"
        and category in categories(setting.inputs)
    ]


def categories(inputs: Mapping[str, Any]) -> set[str]:
    """The log categories that a setting enables; groups are spelled out for App Service."""
    found: set[str] = set()
    for log in inputs.get("logs") or ():
        if log.get("enabled"):
            group = log.get("categoryGroup")
            if group == "audit":
                found |= AUDIT
            elif group == "allLogs":
                found |= set(SITE_CATEGORIES)
            elif log.get("category"):
                found.add(log["category"])
    return found


def settings_of(azure: Subscription, resource_id: str) -> list[Resource]:
    """The settings of a resource, in order of their creation."""
    return [
        setting
        for setting in azure.resources.list(DiagnosticSetting.pulumi_type)
        if str(setting.inputs["resourceUri"]).lower() == resource_id.lower()
    ]


def _category_problems(inputs: Mapping[str, Any]) -> list[Problem]:
    found = []
    logs = inputs.get("logs") or []
    site = "/microsoft.web/sites/" in str(inputs["resourceUri"]).lower()
    for number, log in enumerate(logs):
        place = f"logs[{number}]"
        category, group = log.get("category"), log.get("categoryGroup")
        if (category is None) == (group is None):
            expectation = "expected either category or categoryGroup"
            found.append(
                Problem(place, {"category": category, "categoryGroup": group}, expectation)
            )
        elif site and category is not None and category not in SITE_CATEGORIES:
            found.append(
                Problem(f"{place}.category", category, f"expected {', '.join(SITE_CATEGORIES)}")
            )
        elif group is not None and group not in ("allLogs", "audit"):
            found.append(Problem(f"{place}.categoryGroup", group, "expected allLogs or audit"))
    if {True, False} == {"categoryGroup" in log for log in logs if log.get("enabled")}:
        expectation = "expected categories or category groups, not both in one setting"
        found.append(Problem("logs", "a mixture", expectation))
    for number, metric in enumerate(inputs.get("metrics") or ()):
        if metric.get("category") != "AllMetrics":
            place = f"metrics[{number}].category"
            found.append(Problem(place, metric.get("category"), "expected AllMetrics"))
    return found
