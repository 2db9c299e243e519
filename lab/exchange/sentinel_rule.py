"""An analytics rule as YAML, in the form of the Detections folder of Azure/Azure-Sentinel.

What the rule says comes from components/analytics_rule.py, which the deployed rules come from too;
here is only how that folder writes it: `gt` for GreaterThan, `5m` for PT5M, its own order of keys.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

import yaml

from components.content.analytics_rule import AnalyticsRule
from components.content.detection import Detection
from components.limits.alert_rule import duration
from components.limits.letter_case import camel

SPACE: Final = uuid.UUID("6f5b1a6e-3f0e-5f5e-9d0b-6f1f0f3c7a52")
"""Ids of rules are made in it from slugs: the same detection has the same id in every export."""

VERSION: Final = "1.0.0"
CONNECTORS: Final = {"AzureActivity": "AzureActivity"}
"""Table -> the connector that fills it; App Service's tables come by diagnostic settings."""

OPERATORS: Final = {"GreaterThan": "gt", "LessThan": "lt", "Equal": "eq", "NotEqual": "ne"}
_ARM_ONLY: Final = ("enabled", "techniques", "suppression_enabled", "suppression_duration")


def rule_id(slug: str) -> str:
    """The rule's GUID."""
    return str(uuid.uuid5(SPACE, slug))


def text(rule: AnalyticsRule, found: Detection) -> str:
    """The YAML document of the rule that was made of a detection."""
    given = rule.arguments()
    arguments = {key: value for key, value in given.items() if key not in _ARM_ONLY}
    document: dict[str, Any] = {
        "id": rule_id(rule.slug),
        "name": arguments.pop("display_name"),
        "description": arguments.pop("description") + "\n",
        "severity": arguments.pop("severity"),
        "requiredDataConnectors": [
            {"connectorId": CONNECTORS[table], "dataTypes": [table]}
            for table in found.tables
            if table in CONNECTORS
        ],
        "queryFrequency": timespan(arguments.pop("query_frequency")),
        "queryPeriod": timespan(arguments.pop("query_period")),
        "triggerOperator": OPERATORS[arguments.pop("trigger_operator")],
        "triggerThreshold": arguments.pop("trigger_threshold"),
        "tactics": arguments.pop("tactics"),
        # This form takes sub-techniques; only the service's own API refuses them.
        "relevantTechniques": list(found.attack),
        "query": "\n".join(line.rstrip() for line in arguments.pop("query").splitlines()) + "\n",
    }
    kind = arguments.pop("kind")
    details = arguments.pop("custom_details")
    document |= {camel(key): _keys(value) for key, value in arguments.items() if value is not None}
    document |= {"customDetails": details, "version": VERSION, "kind": kind}
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2
    )


def function_text(rule: AnalyticsRule) -> str:
    """The function that a rule's query calls, with how to save it."""
    return (
        f"// Save in the workspace as a function named {rule.function}, without parameters.\n"
        f"{rule.function_query}\n"
    )


def timespan(iso: str) -> str:
    """PT5M as 5m, PT2H as 2h, P1D as 1d."""
    minutes = round(duration(iso).total_seconds() / 60)
    for unit, length in (("d", 1440), ("h", 60)):
        if minutes % length == 0:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"


def _keys(value: object) -> object:
    if isinstance(value, Mapping):
        return {camel(str(key)): _keys(each) for key, each in value.items()}
    return [_keys(each) for each in value] if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are, lists are indented as in the folder."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _as_written(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _as_written)
