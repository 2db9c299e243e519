"""Microsoft.Logic: Logic Apps (Consumption) that really run, as far as their parts are modelled."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Metered
from lab.azure.core.name_rule import NameRule
from lab.azure.core.provider_function import ProviderFunction
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath, group_id
from lab.azure.core.subscription import Subscription
from lab.azure.identity.authorization import TENANT_ID
from lab.azure.logic.expression import complaints
from lab.azure.logic.service import UNITS, LogicApps

SCHEMA_END: Final = "/2016-06-01/workflowdefinition.json#"
ACTIONS: Final = (
    *("Compose", "Http", "If", "InitializeVariable", "Query", "Select", "SetVariable"),
)
TRIGGERS: Final = ("Request", "Recurrence")


class Workflow(ResourceType):
    """Started by its callback URL or its recurrence; runs seven types of action for real."""

    pulumi_type = "azure-native:logic:Workflow"
    path = ArmPath("Microsoft.Logic/workflows", ("workflowName",))
    name_rule = NameRule(1, 80, r"[\w().-]+", "letters, digits and -_.()")
    billing = Metered(("logic_app_action",))

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Workflow Definition Language of 2016-06-01; what is not modelled is refused in words."""
        definition = inputs.get("definition")
        if not isinstance(definition, Mapping):
            return [refused("definition", ABSENT, "expected a workflow definition", "is missing")]
        found = []
        schema = definition.get("$schema")
        if not str(schema).endswith(SCHEMA_END):
            found.append(refused("definition.$schema", schema, f"expected …{SCHEMA_END}"))
        found += [*_trigger_problems(definition), *_parameter_problems(definition, inputs)]
        found += _action_problems("definition.actions", definition.get("actions") or {})
        for words in complaints({"actions": definition.get("actions") or {}}):
            found.append(refused("definition", ABSENT, "", words))
        return found

    def create(self, resource: Resource) -> None:
        resource.inputs["definition"] = _whole_numbers(resource.inputs["definition"])
        resource.outputs["state"] = resource.inputs.get("state", "Enabled")
        identity = resource.inputs.get("identity") or {}
        if "SystemAssigned" in str(identity.get("type", "")):
            digest = self.azure.resources.digest("principal", resource.id)
            resource.outputs["identity"] = {
                **identity,
                "principalId": str(uuid.UUID(digest[:32])),
                "tenantId": TENANT_ID,
            }
        self.azure.service(LogicApps).add(resource)

    def delete(self, resource: Resource) -> None:
        self.azure.service(LogicApps).remove(resource)


def list_callback_url(azure: Subscription, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The URL of a request trigger, which is known once the workflow is there."""
    group = group_id(str(arguments["resourceGroupName"]))
    name = f"{group}/providers/Microsoft.Logic/workflows/{arguments['workflowName']}"
    workflow = azure.resources.get(name, Workflow.pulumi_type, str(arguments["workflowName"]))
    url = azure.service(LogicApps).url(workflow, str(arguments["triggerName"]))
    base, _, _ = url.partition("?")
    return {"value": url, "method": "POST", "basePath": base}


def _trigger_problems(definition: Mapping[str, Any]) -> Iterator[Refusal]:
    triggers = definition.get("triggers") or {}
    if not triggers:
        yield refused("definition.triggers", ABSENT, "expected a trigger", "is missing")
    for name, trigger in triggers.items():
        place, kind = f"definition.triggers.{name}", trigger.get("type")
        if kind not in TRIGGERS:
            yield refused(f"{place}.type", kind, f"the lab knows {', '.join(TRIGGERS)}")
        elif kind == "Recurrence":
            recurrence = trigger.get("recurrence") or {}
            if recurrence.get("frequency") not in UNITS:
                expectation = f"expected one of {', '.join(UNITS)}"
                yield refused(
                    f"{place}.recurrence.frequency", recurrence.get("frequency"), expectation
                )
            if not (recurrence.get("interval") or 0) >= 1:
                yield refused(
                    f"{place}.recurrence.interval", recurrence.get("interval"), "expected 1 or more"
                )


def _parameter_problems(
    definition: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Iterator[Refusal]:
    declared, given = definition.get("parameters") or {}, inputs.get("parameters") or {}
    for name in sorted(given.keys() - declared.keys()):
        yield refused(f"parameters.{name}", ABSENT, "declare it in the definition", "is unknown")
    for name, each in declared.items():
        if name not in given and "defaultValue" not in each:
            yield refused(f"parameters.{name}", ABSENT, "expected a value", "is missing")


def _action_problems(place: str, actions: Mapping[str, Any]) -> Iterator[Refusal]:
    for name, action in actions.items():
        here, kind = f"{place}.{name}", action.get("type")
        if kind not in ACTIONS:
            yield refused(f"{here}.type", kind, f"the lab knows {', '.join(ACTIONS)}")
        for other in sorted((action.get("runAfter") or {}).keys() - (actions.keys() - {name})):
            yield refused(f"{here}.runAfter", other, "expected an action beside it")
        yield from _action_problems(f"{here}.actions", action.get("actions") or {})
        otherwise = (action.get("else") or {}).get("actions") or {}
        yield from _action_problems(f"{here}.else.actions", otherwise)


def _whole_numbers(value: Any) -> Any:
    """Every number comes from Pulumi as a float; Azure gets it as it was written."""
    if isinstance(value, Mapping):
        return {key: _whole_numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


TYPES: Final[list[type[ResourceType]]] = [Workflow]
FUNCTIONS: Final[dict[str, ProviderFunction]] = {
    "azure-native:logic:listWorkflowTriggerCallbackUrl": list_callback_url,
}
