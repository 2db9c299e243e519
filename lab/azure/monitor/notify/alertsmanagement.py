"""Microsoft.AlertsManagement: what is done to alerts that have fired."""

from collections.abc import Mapping
from typing import Any, Final

from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free
from lab.azure.core.location import GLOBAL
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import RecordedType, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import SUBSCRIPTION, ArmPath
from lab.azure.core.subscription import Subscription
from lab.azure.monitor.notify import alert_schedule
from lab.azure.monitor.notify.processing_rule import EXACT, ProcessingRule

MAX_VALUES: Final = 5
MAX_RULES: Final = 1000
_CLOSED: Final = {
    "Severity": ("Sev0", "Sev1", "Sev2", "Sev3", "Sev4"),
    "MonitorCondition": ("Fired", "Resolved"),
}


class AlertProcessingRuleByName(ResourceType):
    """Adds or removes the action groups of alerts that it applies to, on the lab's clock."""

    pulumi_type = "azure-native:alertsmanagement:AlertProcessingRuleByName"
    path = ArmPath("Microsoft.AlertsManagement/actionRules", ("alertProcessingRuleName",))
    name_rule = NameRule(
        1, 260, r"[^*<>%:?/{}&#]*[^*<>%:?/{}&# .]", "none of *<>%:?/{}&#, no dot at the end"
    )
    locations = GLOBAL
    billing = Free("has no price in Azure's list")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Alert processing rules"; bicep-types-az, actionRules 2021-08-08."""
        properties = inputs.get("properties")
        if not properties:
            return [refused("properties", ABSENT, "expected scopes and actions", "is missing")]
        found = [*_scope_problems(properties), *_condition_problems(properties)]
        if inputs.get("location") is None:
            # Left out, the provider sends the resource group's region, which Azure refuses.
            found.append(refused("location", ABSENT, "expected global", "is missing"))
        if properties.get("schedule"):
            found += alert_schedule.problems(properties["schedule"])
        if len(self.azure.resources.list(self.pulumi_type)) > MAX_RULES:
            expectation = f"expected at most {MAX_RULES} rules in a subscription"
            found.append(refused("", ABSENT, expectation, "is one too many"))
        return [*found, *self._action_problems(properties)]

    def _action_problems(self, properties: Mapping[str, Any]) -> list[Refusal]:
        actions = properties.get("actions") or []
        if not actions:
            return [refused("properties.actions", actions, "expected an action")]
        found = []
        for number, action in enumerate(actions):
            place = f"properties.actions[{number}].actionGroupIds"
            groups = action.get("actionGroupIds")
            if groups is not None and not groups:
                found.append(refused(place, groups, "expected an action group or more"))
            for position, group in enumerate(groups or ()):
                if self.azure.resources.find(group) is None:
                    expectation = "expected an action group that exists"
                    found.append(refused(f"{place}[{position}]", group, expectation))
        return found


class SmartDetectorAlertRule(RecordedType):
    """Failure anomalies and their like: Azure's own detectors, which do not run here."""

    pulumi_type = "azure-native:alertsmanagement:SmartDetectorAlertRule"
    path = ArmPath("Microsoft.AlertsManagement/smartDetectorAlertRules", ("alertRuleName",))
    locations = GLOBAL
    billing = Free("has no price in Azure's list")


def processing_rules(azure: Subscription) -> list[ProcessingRule]:
    """Every alert processing rule that exists now."""
    return [
        ProcessingRule.from_arm(each.inputs["properties"], each.name)
        for each in azure.resources.list(AlertProcessingRuleByName.pulumi_type)
    ]


def _scope_problems(properties: Mapping[str, Any]) -> list[Refusal]:
    scopes = properties.get("scopes") or []
    if not scopes:
        return [refused("properties.scopes", scopes, "expected a resource, a group or more")]
    return [
        refused(f"properties.scopes[{number}]", scope, "expected an id in this subscription")
        for number, scope in enumerate(scopes)
        if not f"{scope}/".lower().startswith(f"{SUBSCRIPTION}/".lower())
    ]


def _condition_problems(properties: Mapping[str, Any]) -> list[Refusal]:
    found = []
    for number, each in enumerate(properties.get("conditions") or ()):
        place = f"properties.conditions[{number}]"
        field, operator, values = each.get("field"), each.get("operator"), each.get("values") or []
        if not field or not operator:
            found.append(refused(place, each, "expected a field and an operator"))
        elif field in EXACT and operator not in ("Equals", "NotEquals"):
            expectation = f"expected Equals or NotEquals with {field}"
            found.append(refused(f"{place}.operator", operator, expectation))
        if not 1 <= len(values) <= MAX_VALUES:
            found.append(refused(f"{place}.values", values, f"expected 1 to {MAX_VALUES} values"))
        closed = _CLOSED.get(str(field))
        for value in values:
            if closed is not None and value not in closed:
                expectation = f"expected one of {', '.join(closed)}"
                found.append(refused(f"{place}.values", value, expectation))
    return found


TYPES: Final[list[type[ResourceType]]] = [AlertProcessingRuleByName, SmartDetectorAlertRule]
