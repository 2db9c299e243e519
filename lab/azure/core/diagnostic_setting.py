"""Diagnostic settings: which log categories of a resource go to which workspace."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from components.limits import log_category
from components.limits.refusal import Refusal
from lab.azure.core.billing import Free
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription

SETTING_NAME: Final = NameRule(
    1, 260, r"(?!service$)[^*<>%&:\\?+/]+", r"none of *<>%&:\?+/, and not the word service"
)
MAX_SETTINGS: Final = 5
SINKS: Final = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId")


class DiagnosticSetting(ResourceType):
    """Rows flow from its creation on; Azure may take up to 90 minutes for the first ones."""

    pulumi_type = "azure-native:monitor:DiagnosticSetting"
    path = ArmPath("Microsoft.Insights/diagnosticSettings", ("name",), scope="resourceUri")
    name_rule = SETTING_NAME
    billing = Free("brings rows that are in the log store's price")
    replace_on = ("resourceUri", "name")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Diagnostic settings in Azure Monitor".

        Categories of the resource's type and tier (Azure/Enterprise-Scale #1169), no retention
        (hashicorp/terraform-provider-azurerm #23051), no setting of what has neither logs nor
        metrics, such as a resource group (pulumi/pulumi #4442).
        """
        return [
            *_sink_problems(self.azure, inputs),
            *_form_problems(inputs),
            *retention_problems(inputs),
            *self._category_problems(inputs),
        ]

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """Five settings of a resource, and a category once to each sink (409).

        The sink is taken whatever the other setting is called
        (hashicorp/terraform-provider-azurerm #21161).
        """
        target = str(resource.inputs["resourceUri"])
        others = [each for each in settings_of(self.azure, target) if each.id != resource.id]
        if len(others) >= MAX_SETTINGS:
            expectation = f"expected at most {MAX_SETTINGS} settings of one resource"
            return [refused("resourceUri", target, expectation)]
        return taken_sinks(resource, others)

    def _category_problems(self, inputs: Mapping[str, Any]) -> list[Refusal]:
        """Rules between the setting and what it is a setting of: its type, and its plan's tier."""
        target = str(inputs["resourceUri"])
        found = self.azure.resources.find(target)
        kind = None if found is None else self.azure.resources.types.kind(found.token)
        if found is None or kind is None:
            return []  # its parent is missing, which is told; or nobody knows its type
        allowed = kind.log_categories(found)
        if allowed is None:
            what = found.outputs.get("type", found.token)
            expectation = f"expected a resource that has logs or metrics; {what} has none (400)"
            return [refused("resourceUri", target, expectation, "has no diagnostic settings")]
        return [
            refused(f"logs[{number}].category", category, _expected(allowed), "is not supported")
            for number, log in enumerate(inputs.get("logs") or [])
            if (category := log.get("category")) is not None and category not in allowed
        ]


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
                found |= set(log_category.AUDIT)
            elif group == "allLogs":
                found |= set(log_category.categories(log_category.SITES) or ())
            elif log.get("category"):
                found.add(log["category"])
    return found


def taken_sinks(resource: Resource, others: Iterable[Resource]) -> list[Refusal]:
    """Where the others send a category of this setting already."""
    for other in others:
        for sink in SINKS:
            same = str(resource.inputs.get(sink) or "").lower()
            taken = _all(resource.inputs) & _all(other.inputs)
            if same and same == str(other.inputs.get(sink) or "").lower() and taken:
                listed = ", ".join(sorted(taken))
                expectation = f"data sink is already used in diagnostic setting {other.name}"
                return [refused("logs", listed, f"{expectation} (409)")]
    return []


def retention_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """Azure keeps no retention with new settings since 2023 (azurerm #23051).

    UNCONFIRMED: that days without `enabled` are refused, too; reports differ.
    """
    expectation = "expected none: Azure does not support retention for new diagnostic settings"
    return [
        refused(f"{key}[{number}].retentionPolicy", policy, f"{expectation} (400)")
        for key in ("logs", "metrics")
        for number, entry in enumerate(inputs.get(key) or ())
        if (policy := entry.get("retentionPolicy"))
        and (policy.get("enabled") or policy.get("days"))
    ]


def _all(inputs: Mapping[str, Any]) -> set[str]:
    """Log categories, and metrics, which count as one."""
    metrics = {each["category"] for each in inputs.get("metrics") or () if each.get("enabled")}
    return categories(inputs) | metrics


def _expected(allowed: Sequence[str]) -> str:
    return f"expected {', '.join(allowed)}" if allowed else "expected none: it has metrics alone"


def settings_of(azure: Subscription, resource_id: str) -> list[Resource]:
    """The settings of a resource, in order of their creation."""
    return [
        setting
        for setting in azure.resources.list(DiagnosticSetting.pulumi_type)
        if str(setting.inputs["resourceUri"]).lower() == resource_id.lower()
    ]


def _sink_problems(azure: Subscription, inputs: Mapping[str, Any]) -> list[Refusal]:
    if problems := sink_problems(azure, inputs):
        return problems
    if inputs.get("name") == "service":
        return [refused("name", "service", "expected another name: this one is reserved")]
    return []


def sink_problems(azure: Subscription, inputs: Mapping[str, Any]) -> list[Refusal]:
    """Of a setting that goes nowhere, or to a workspace that is not there."""
    workspace = inputs.get("workspaceId")
    if workspace and workspace.lower() not in azure.workspaces:
        expectation = "expected the id of a Log Analytics workspace that exists"
        return [refused("workspaceId", workspace, expectation)]
    if not any(inputs.get(sink) for sink in (*SINKS, "marketplacePartnerId")):
        return [refused("workspaceId", None, "expected a workspace, or another sink")]
    return []


def _form_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    found = []
    logs = inputs.get("logs") or []
    for number, log in enumerate(logs):
        place = f"logs[{number}]"
        category, group = log.get("category"), log.get("categoryGroup")
        if (category is None) == (group is None):
            expectation = "expected either category or categoryGroup"
            found.append(
                refused(place, {"category": category, "categoryGroup": group}, expectation)
            )
        elif group is not None and group not in ("allLogs", "audit"):
            found.append(refused(f"{place}.categoryGroup", group, "expected allLogs or audit"))
    if {True, False} == {"categoryGroup" in log for log in logs if log.get("enabled")}:
        expectation = "expected categories or category groups, not both in one setting"
        found.append(refused("logs", "a mixture", expectation))
    for number, metric in enumerate(inputs.get("metrics") or ()):
        if metric.get("category") != "AllMetrics":
            place = f"metrics[{number}].category"
            found.append(refused(place, metric.get("category"), "expected AllMetrics"))
    return found
