"""Microsoft.AlertsManagement: what is done to alerts that have fired."""

from collections.abc import Mapping
from typing import Any, Final

from lab.azure.core.arm import ResourceType
from lab.azure.core.problem import ABSENT, Problem
from lab.azure.core.resource_id import SUBSCRIPTION
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

    token = "azure-native:alertsmanagement:AlertProcessingRuleByName"  # noqa: S105
    name_property = "alertProcessingRuleName"

    def check(self, inputs: dict[str, Any]) -> list[Problem]:
        """Microsoft, "Alert processing rules"; bicep-types-az, actionRules 2021-08-08."""
        properties = inputs.get("properties")
        if not properties:
            return [Problem("properties", ABSENT, "expected scopes and actions", "is missing")]
        found = [*_scope_problems(properties), *_condition_problems(properties)]
        if inputs.get("location") is None:
            # Left out, the provider sends the resource group's region, which Azure refuses.
            found.append(Problem("location", ABSENT, "expected global", "is missing"))
        if properties.get("schedule"):
            found += alert_schedule.problems(properties["schedule"])
        if len(self.azure.resources.list(self.token)) > MAX_RULES:
            expectation = f"expected at most {MAX_RULES} rules in a subscription"
            found.append(Problem("", ABSENT, expectation, "is one too many"))
        return [*found, *self._action_problems(properties)]

    def _action_problems(self, properties: Mapping[str, Any]) -> list[Problem]:
        actions = properties.get("actions") or []
        if not actions:
            return [Problem("properties.actions", actions, "expected an action")]
        found = []
        for number, action in enumerate(actions):
            place = f"properties.actions[{number}].actionGroupIds"
            groups = action.get("actionGroupIds")
            if groups is not None and not groups:
                found.append(Problem(place, groups, "expected an action group or more"))
            for position, group in enumerate(groups or ()):
                if self.azure.resources.find(group) is None:
                    expectation = "expected an action group that exists"
                    found.append(Problem(f"{place}[{position}]", group, expectation))
        return found


def processing_rules(azure: Subscription) -> list[ProcessingRule]:
    """Every alert processing rule that exists now."""
    return [
        ProcessingRule.from_arm(each.inputs["properties"], each.name)
        for each in azure.resources.list(AlertProcessingRuleByName.token)
    ]


def _scope_problems(properties: Mapping[str, Any]) -> list[Problem]:
    scopes = properties.get("scopes") or []
    if not scopes:
        return [Problem("properties.scopes", scopes, "expected a resource, a group or more")]
    return [
        Problem(f"properties.scopes[{number}]", scope, "expected an id in this subscription")
        for number, scope in enumerate(scopes)
        if not f"{scope}/".lower().startswith(f"{SUBSCRIPTION}/".lower())
    ]


def _condition_problems(properties: Mapping[str, Any]) -> list[Problem]:
    found = []
    for number, each in enumerate(properties.get("conditions") or ()):
        place = f"properties.conditions[{number}]"
        field, operator, values = each.get("field"), each.get("operator"), each.get("values") or []
        if not field or not operator:
            found.append(Problem(place, each, "expected a field and an operator"))
        elif field in EXACT and operator not in ("Equals", "NotEquals"):
            expectation = f"expected Equals or NotEquals with {field}"
            found.append(Problem(f"{place}.operator", operator, expectation))
        if not 1 <= len(values) <= MAX_VALUES:
            found.append(Problem(f"{place}.values", values, f"expected 1 to {MAX_VALUES} values"))
        closed = _CLOSED.get(str(field))
        for value in values:
            if closed is not None and value not in closed:
                expectation = f"expected one of {', '.join(closed)}"
                found.append(Problem(f"{place}.values", value, expectation))
    return found


TYPES: Final = [AlertProcessingRuleByName]
