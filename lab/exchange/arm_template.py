"""The alert rules of a stack as one ARM template.

The rules are those that the stack deploys: the program is brought up in the stand-in, and what it
asks of Azure for each rule becomes the template's resource. So a template cannot say anything else
than the program does, overrides of the stack included.
"""

import inspect
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_azure_native import monitor

from components.content.deployed_rule import without_waiting
from components.content.places import ROOT
from lab.azure.core.resource import Resource
from lab.engine.in_process import deploy
from lab.engine.throwaway import throwaway

TYPE: Final = "Microsoft.Insights/scheduledQueryRules"
LOG_RULE: Final = "azure-native:monitor:ScheduledQueryRule"
_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_OUTSIDE: Final = ("kind", "location", "identity", "tags", "resourceGroupName", "ruleName")
"""Inputs that are no properties in ARM's sense."""
_SOMEBODY: Final = {"initialUsers": json.dumps({"somebody": "a passphrase for nobody"})}
"""A stack wants a user; the rules have no use for one."""

_PARAMETERS: Final = {
    "workspaceId": {
        "type": "string",
        "metadata": {"description": "Resource id of the Log Analytics workspace with the logs."},
    },
    "actionGroupId": {
        "type": "string",
        "metadata": {"description": "Resource id of the action group that is told."},
    },
    "location": {
        "type": "string",
        "defaultValue": "[resourceGroup().location]",
        "metadata": {"description": "Region of the rules: the workspace's."},
    },
}


def api_version() -> str:
    """The version of the API that the SDK uses for alert rules; its documentation names it."""
    documented = inspect.getsource(monitor.ScheduledQueryRule)
    found = re.search(r"REST API version (\S+)\.", documented)
    if found is None:
        raise RuntimeError("the SDK no longer names its API version")
    return found[1]


def deployed_rules(stack: str, slugs: Sequence[str]) -> list[Resource]:
    """The detections' rules as the stack would deploy them; no app runs.

    `slugs` empty stands for all that the stack has tables for. RefusedError when it refuses them.
    """
    config = {**_SOMEBODY, "detections": json.dumps(list(slugs) or ["all"])}
    with throwaway() as azure:
        found = deploy(ROOT, stack, azure, config).resources
        return [each for each in found if each.token == LOG_RULE and _slug(each)]


def text(rules: Sequence[Resource]) -> str:
    """The template of the rules, in the order of their detections."""
    resources = [_resource(each) for each in sorted(rules, key=_slug)]
    template = {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": _PARAMETERS,
        "resources": resources,
        "outputs": {
            "ruleNames": {"type": "array", "value": [each["name"] for each in resources]},
        },
    }
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def _resource(rule: Resource) -> dict[str, Any]:
    properties = {name: value for name, value in rule.inputs.items() if name not in _OUTSIDE}
    properties = _literal(_whole(properties))
    # The stand-in's workspace was made in lab time.
    for condition in properties.get("criteria", {}).get("allOf", ()):
        condition["query"] = without_waiting(condition["query"])
    properties["scopes"] = ["[parameters('workspaceId')]"]
    actions = properties["actions"]
    # A runbook is a workbook of the stack's own; the stand-in's is nowhere in Azure.
    custom = {key: each for key, each in actions["customProperties"].items() if key != "runbook"}
    properties["actions"] = {
        **actions,
        "customProperties": custom,
        "actionGroups": ["[parameters('actionGroupId')]"],
    }
    return {
        "type": TYPE,
        "apiVersion": api_version(),
        "name": _slug(rule),
        "location": "[parameters('location')]",
        "kind": rule.inputs["kind"],
        "properties": properties,
    }


def _slug(rule: Resource) -> str:
    actions: Mapping[str, Any] = rule.inputs.get("actions") or {}
    return str((actions.get("customProperties") or {}).get("detection", ""))


def _whole(value: Any) -> Any:
    """Whole numbers are written as such; ARM's types call a severity an integer."""
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _literal(value: Any) -> Any:
    """A text in brackets would be taken for an expression; a second bracket says that it is none.

    Only where it ends with a bracket too ("ARM template syntax and expressions").
    """
    if isinstance(value, dict):
        return {name: _literal(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_literal(each) for each in value]
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        return f"[{value}"
    return value
