"""Activity-log alert rules: checked as Azure checks them; changes to resources make them fire."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from components.limits import activity_log
from components.limits.refusal import ABSENT, Refusal, nearest
from lab.azure.core.billing import Free
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.monitor.activity.activity_log import ActivityLog
from lab.azure.monitor.alert_name import ALERT_NAME

MAX_ACTIVE: Final = 100
_SCOPE: Final = re.compile(r"(?i)/subscriptions/[^/]+(/resourceGroups/[^/]+(/.+)?)?")
_FIELDS: Final = (
    *("resourceId", "category", "caller", "level", "operationName", "resourceGroup"),
    *("resourceProvider", "status", "subStatus", "resourceType"),
)


class ActivityLogAlert(ResourceType):
    """Fires for changes made after it became active; service and resource health never happen."""

    pulumi_type = "azure-native:monitor:ActivityLogAlert"
    path = ArmPath("Microsoft.Insights/activityLogAlerts", ("activityLogAlertName",))
    name_rule = ALERT_NAME
    locations = activity_log.LOCATIONS
    billing = Free("has no price in Azure's list")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Create an activity log alert rule"; bicep-types-az, 2020-10-01."""
        conditions = inputs["condition"]["allOf"]
        return [
            *_scope_problems(inputs),
            *_category_problems(inputs, conditions),
            *(found for number, each in enumerate(conditions) for found in _problems(number, each)),
            *self._missing(inputs),
        ]

    def create(self, resource: Resource) -> None:
        self.azure.service(ActivityLog).start(resource)

    def update(self, resource: Resource) -> None:
        self.azure.service(ActivityLog).start(resource, changed=True)

    def delete(self, resource: Resource) -> None:
        self.azure.service(ActivityLog).stop(resource.id)

    def _missing(self, inputs: Mapping[str, Any]) -> Iterator[Refusal]:
        groups = (inputs.get("actions") or {}).get("actionGroups") or []
        for number, group in enumerate(groups):
            if self.azure.resources.find(group["actionGroupId"]) is None:
                place = f"actions.actionGroups[{number}].actionGroupId"
                expectation = "expected an action group that exists"
                yield refused(place, group["actionGroupId"], expectation)
        others = [
            each
            for each in self.azure.resources.list(self.pulumi_type)
            if each.inputs.get("enabled") is not False
        ]
        if inputs.get("enabled") is not False and len(others) > MAX_ACTIVE:
            expectation = f"expected at most {MAX_ACTIVE} active rules in a subscription"
            yield refused("", ABSENT, expectation, "is one too many")


def _scope_problems(inputs: Mapping[str, Any]) -> Iterator[Refusal]:
    if not inputs["scopes"]:
        yield refused("scopes", [], "expected a subscription, a resource group or a resource")
    for number, scope in enumerate(inputs["scopes"]):
        if not _SCOPE.fullmatch(scope):
            expectation = "expected the id of a subscription, a resource group or a resource"
            yield refused(f"scopes[{number}]", scope, expectation)


def _category_problems(inputs: Mapping[str, Any], conditions: Any) -> Iterator[Refusal]:
    categories = [each for each in conditions if str(each.get("field")).lower() == "category"]
    if len(categories) != 1:
        expectation = "expected one condition on the field category"
        yield refused("condition.allOf", f"with {len(categories)} categories", expectation)
        return
    category = categories[0].get("equals")
    if category not in activity_log.CATEGORIES:
        yield refused(
            "condition.allOf.category", category, nearest(str(category), activity_log.CATEGORIES)
        )
    location = str(inputs.get("location") or "global").replace(" ", "").lower()
    if category == "ServiceHealth" and location != "global":
        yield refused("location", inputs["location"], "expected global for service health")


def _problems(number: int, condition: Mapping[str, Any]) -> Iterator[Refusal]:
    place = f"condition.allOf[{number}]"
    leaves = condition.get("anyOf")
    if leaves is None:
        yield from _leaf_problems(place, condition)
        return
    if any(condition.get(key) is not None for key in ("field", "equals", "containsAny")):
        yield refused(place, sorted(condition), "expected anyOf alone, or a field and its value")
    for position, leaf in enumerate(leaves):
        yield from _leaf_problems(f"{place}.anyOf[{position}]", leaf)


def _leaf_problems(place: str, leaf: Mapping[str, Any]) -> Iterator[Refusal]:
    name = leaf.get("field")
    known = [each.lower() for each in _FIELDS]
    if name is None:
        yield refused(f"{place}.field", ABSENT, "expected a field of the event", "is missing")
    elif name.lower() not in known and not name.lower().startswith("properties."):
        yield refused(f"{place}.field", name, nearest(name, _FIELDS))
    if (leaf.get("equals") is None) == (not leaf.get("containsAny")):
        given = {key: leaf.get(key) for key in ("equals", "containsAny")}
        yield refused(place, given, "expected either equals or containsAny")
