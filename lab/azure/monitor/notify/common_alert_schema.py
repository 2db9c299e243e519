"""The payload of an alert, as webhooks and playbooks get it.

Microsoft, "Common alert schema" and "Samples of Azure Monitor alert payloads".
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from lab.clock.rfc3339 import azure_time, rfc3339

if TYPE_CHECKING:
    from lab.azure.monitor.log_search.alert import Alert
    from lab.azure.monitor.notify.fired_alert import Condition, FiredAlert

SCHEMA_ID: Final = "azureMonitorCommonAlertSchema"
_RESOURCE_COLUMNS: Final = ("_ResourceId", "ResourceId", "Resource", "Computer")
_PLACEHOLDER: Final = re.compile(r"\$\{([\w.\[\]-]+)\}")
_STEP: Final = re.compile(r"[\w-]+")
_PORTAL: Final = "https://portal.azure.com/#"


def payload(alert: "FiredAlert", condition: "Condition") -> dict[str, Any]:
    """JSON of an alert; custom properties may name other parts of it as `${data.…}`.

    Activity-log alerts have none.
    """
    body: dict[str, Any] = {
        "schemaId": SCHEMA_ID,
        "data": {"essentials": _essentials(alert, condition), "alertContext": alert.context()},
    }
    if alert.rule.signal_type == "Activity Log":
        body["data"]["customProperties"] = None
        return body
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


def _essentials(alert: "FiredAlert", condition: "Condition") -> dict[str, Any]:
    rule = alert.rule
    target = alert.targets[0] if alert.targets else ""
    segments = target.split("/")
    essentials = {
        "alertId": alert.id,
        "alertRule": rule.name,
        "alertRuleID": rule.id,
        "severity": f"Sev{rule.severity}",
        "signalType": rule.signal_type,
        "monitorCondition": condition,
        "monitoringService": rule.monitoring_service,
        "alertTargetIDs": [target.lower() for target in alert.targets],
        "configurationItems": alert.configuration_items,
        "originAlertId": alert.guid,
        "firedDateTime": azure_time(alert.fired_at),
        "description": rule.description,
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
        "targetResourceType": target_type(target),
        "targetResourceGroup": segments[4].lower() if len(segments) > 4 else "",
        "investigationLink": investigation_link(alert),
    }
    if condition == "Resolved" and alert.resolved_at is not None:
        essentials["resolvedDateTime"] = azure_time(alert.resolved_at)
    return essentials


def investigation_link(alert: "FiredAlert") -> str:
    """The alert's page in the portal."""
    page = "view/Microsoft_Azure_Monitoring_Alerts/AlertDetails"
    return f"{_PORTAL}{page}/alertId/{quote(alert.id, safe='')}"


def configuration_items(dimensions: Mapping[str, str]) -> list[str]:
    """Of a log alert: the first dimension that names a resource."""
    return next(([dimensions[name]] for name in _RESOURCE_COLUMNS if dimensions.get(name)), [])


def log_context(alert: "Alert") -> dict[str, Any]:
    """`alertContext` of a log search alert."""
    return {
        "properties": {},
        "conditionType": "LogQueryCriteria",
        "condition": {
            "windowSize": alert.rule.window_size,
            "allOf": [_criterion(alert)],
            "windowStartTime": rfc3339(alert.window_start),
            "windowEndTime": rfc3339(alert.window_end),
        },
    }


def _criterion(alert: "Alert") -> dict[str, Any]:
    rule = alert.rule
    dimension_filter = "".join(
        f'\n| where tostring({name}) == "{_escaped(value)}"'
        for name, value in alert.dimensions.items()
    )
    every_row = _quoted(rule.query)
    filtered = every_row + quote(dimension_filter, safe="")
    span = (alert.window_start, alert.window_end)
    target = rule.scopes[0] if rule.scopes else ""
    return {
        "searchQuery": rule.query,
        "metricMeasureColumn": rule.measure_column,
        "targetResourceTypes": f"['{target_type(target)}']",
        "operator": rule.operator,
        "threshold": str(shortest(rule.threshold)),
        "timeAggregation": rule.aggregation,
        "dimensions": [{"name": name, "value": value} for name, value in alert.dimensions.items()],
        "metricValue": shortest(alert.value),
        "failingPeriods": {
            "numberOfEvaluationPeriods": rule.periods,
            "minFailingPeriodsToAlert": rule.failing_periods,
        },
        "linkToSearchResultsUI": _portal_link(target, every_row, span),
        "linkToFilteredSearchResultsUI": _portal_link(target, filtered, span),
        "linkToSearchResultsAPI": _api_link(target, every_row, span),
        "linkToFilteredSearchResultsAPI": _api_link(target, filtered, span),
    }


def target_type(resource_id: str) -> str:
    """`microsoft.operationalinsights/workspaces` of a workspace's id."""
    provider = resource_id.lower().rpartition("/providers/")[2].split("/")
    return "/".join([provider[0], *provider[1::2]]) if len(provider) > 2 else ""


@lru_cache(maxsize=256)
def _quoted(query: str) -> str:
    """A rule's query in a URL; it is long, and the same in each of its alerts."""
    return quote(query, safe="")


def _portal_link(target: str, query: str, span: tuple[datetime, datetime]) -> str:
    """`query` is quoted already, here and below."""
    scope = quote(f'{{"resources":[{{"resourceId":"{target}"}}]}}', safe="")
    return (
        f"{_PORTAL}blade/Microsoft_Azure_Monitoring_Logs/LogsBlade/source/Alerts.EmailLinks"
        f"/scope/{scope}/query/{query}/timespan/{quote(_timespan(span), safe='')}"
    )


def _api_link(target: str, query: str, span: tuple[datetime, datetime]) -> str:
    return (
        f"https://api.loganalytics.io/v1{quote(target)}/query"
        f"?query={query}&timespan={quote(_timespan(span), safe='')}"
    )


def _timespan(span: tuple[datetime, datetime]) -> str:
    return "/".join(rfc3339(moment) for moment in span)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def shortest(number: float) -> float | int:
    """A whole number without its fraction."""
    return int(number) if float(number).is_integer() else number
