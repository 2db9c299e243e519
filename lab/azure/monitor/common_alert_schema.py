"""The payload of an alert, as webhooks and playbooks get it.

Microsoft, "Common alert schema" and "Common alert schema payload samples" (log alerts v2).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from lab.moment import azure_time, rfc3339

if TYPE_CHECKING:
    from lab.azure.monitor.alert import Alert, Condition

SCHEMA_ID: Final = "azureMonitorCommonAlertSchema"
_RESOURCE_COLUMNS: Final = ("_ResourceId", "ResourceId", "Resource", "Computer")
_PLACEHOLDER: Final = re.compile(r"\$\{([\w.\[\]-]+)\}")
_STEP: Final = re.compile(r"[\w-]+")
_PORTAL: Final = "https://portal.azure.com/#"


def payload(alert: "Alert", condition: "Condition") -> dict[str, Any]:
    """JSON of an alert; custom properties may name other parts of it as `${data.…}`."""
    body: dict[str, Any] = {
        "schemaId": SCHEMA_ID,
        "data": {"essentials": _essentials(alert, condition), "alertContext": _context(alert)},
    }
    custom = {name: filled(value, body) for name, value in alert.rule.custom_properties.items()}
    body["data"]["alertContext"]["properties"] = custom
    body["data"]["customProperties"] = custom
    return body


def filled(text: str, body: Mapping[str, Any]) -> str:
    """The text with each `${data.essentials.…}` replaced; one that leads nowhere stays."""

    def value(found: re.Match[str]) -> str:
        here: Any = body
        for step in _STEP.findall(found[1]):
            if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
                here = here[int(step)]
            elif isinstance(here, dict) and step in here:
                here = here[step]
            else:
                return found[0]
        return str(here)

    return _PLACEHOLDER.sub(value, text)


def _essentials(alert: "Alert", condition: "Condition") -> dict[str, Any]:
    rule = alert.rule
    target = rule.scopes[0] if rule.scopes else ""
    segments = target.split("/")
    essentials = {
        "alertId": alert.id,
        "alertRule": rule.name,
        "alertRuleID": rule.id,
        "severity": f"Sev{rule.severity}",
        "signalType": "Log",
        "monitorCondition": condition,
        "monitoringService": "Log Alerts V2",
        "alertTargetIDs": [scope.lower() for scope in rule.scopes],
        "configurationItems": _configuration_items(alert.dimensions),
        "originAlertId": alert.guid,
        "firedDateTime": azure_time(alert.fired_at),
        "description": rule.description,
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
        "targetResourceType": target_type(target),
        "targetResourceGroup": segments[4].lower() if len(segments) > 4 else "",
        "investigationLink": f"{_PORTAL}view/Microsoft_Azure_Monitoring_Alerts/AlertDetails"
        f"/alertId/{quote(alert.id, safe='')}",
    }
    if condition == "Resolved" and alert.resolved_at is not None:
        essentials["resolvedDateTime"] = azure_time(alert.resolved_at)
    return essentials


def _configuration_items(dimensions: Mapping[str, str]) -> list[str]:
    return next(([dimensions[name]] for name in _RESOURCE_COLUMNS if dimensions.get(name)), [])


def _context(alert: "Alert") -> dict[str, Any]:
    return {
        "properties": {},
        "conditionType": "LogQueryCriteria",
        "condition": {"windowSize": alert.rule.window_size, "allOf": [_criterion(alert)]},
        "windowStartTime": rfc3339(alert.window_start),
        "windowEndTime": rfc3339(alert.window_end),
    }


def _criterion(alert: "Alert") -> dict[str, Any]:
    rule = alert.rule
    filtered = rule.query + "".join(
        f'\n| where tostring({name}) == "{_escaped(value)}"'
        for name, value in alert.dimensions.items()
    )
    span = (alert.window_start, alert.window_end)
    target = rule.scopes[0] if rule.scopes else ""
    return {
        "searchQuery": rule.query,
        "metricMeasureColumn": rule.measure_column,
        "targetResourceTypes": f"['{target_type(target)}']",
        "operator": rule.operator,
        "threshold": str(_shortest(rule.threshold)),
        "timeAggregation": rule.aggregation,
        "dimensions": [{"name": name, "value": value} for name, value in alert.dimensions.items()],
        "metricValue": _shortest(alert.value),
        "failingPeriods": {
            "numberOfEvaluationPeriods": rule.periods,
            "minFailingPeriodsToAlert": rule.failing_periods,
        },
        "linkToSearchResultsUI": _portal_link(target, rule.query, span),
        "linkToFilteredSearchResultsUI": _portal_link(target, filtered, span),
        "linkToSearchResultsAPI": _api_link(target, rule.query, span),
        "linkToFilteredSearchResultsAPI": _api_link(target, filtered, span),
    }


def target_type(resource_id: str) -> str:
    """`microsoft.operationalinsights/workspaces` of a workspace's id."""
    provider = resource_id.lower().rpartition("/providers/")[2].split("/")
    return "/".join([provider[0], *provider[1::2]]) if len(provider) > 2 else ""


def _portal_link(target: str, query: str, span: tuple[datetime, datetime]) -> str:
    scope = quote(f'{{"resources":[{{"resourceId":"{target}"}}]}}', safe="")
    return (
        f"{_PORTAL}blade/Microsoft_Azure_Monitoring_Logs/LogsBlade/source/Alerts.EmailLinks"
        f"/scope/{scope}/query/{quote(query, safe='')}/timespan/{quote(_timespan(span), safe='')}"
    )


def _api_link(target: str, query: str, span: tuple[datetime, datetime]) -> str:
    return (
        f"https://api.loganalytics.io/v1{quote(target)}/query"
        f"?query={quote(query, safe='')}&timespan={quote(_timespan(span), safe='')}"
    )


def _timespan(span: tuple[datetime, datetime]) -> str:
    return "/".join(rfc3339(moment) for moment in span)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _shortest(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
