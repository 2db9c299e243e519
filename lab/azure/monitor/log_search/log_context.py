"""`alertContext` of a log search alert: what was asked, what was measured, and where to look.

Microsoft, "Common alert schema" and "Samples of Azure Monitor alert payloads".
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.azure.monitor.notify.alert_text import PORTAL, shortest, target_type
from lab.clock.rfc3339 import rfc3339

_RESOURCE_COLUMNS: Final = ("_ResourceId", "ResourceId", "Resource", "Computer")


def configuration_items(dimensions: Mapping[str, str]) -> list[str]:
    """Of a log alert: the first dimension that names a resource."""
    return next(([dimensions[name]] for name in _RESOURCE_COLUMNS if dimensions.get(name)), [])


def log_context(
    rule: AlertRule, dimensions: Mapping[str, str], value: float, span: tuple[datetime, datetime]
) -> dict[str, Any]:
    """`alertContext` of an alert; `span` is the window that was looked at."""
    return {
        "properties": {},
        "conditionType": "LogQueryCriteria",
        "condition": {
            "windowSize": rule.window_size,
            "allOf": [_criterion(rule, dimensions, value, span)],
            "windowStartTime": rfc3339(span[0]),
            "windowEndTime": rfc3339(span[1]),
        },
    }


def _criterion(
    rule: AlertRule, dimensions: Mapping[str, str], value: float, span: tuple[datetime, datetime]
) -> dict[str, Any]:
    dimension_filter = "".join(
        f'\n| where tostring({name}) == "{_escaped(text)}"' for name, text in dimensions.items()
    )
    every_row = _quoted(rule.query)
    filtered = every_row + quote(dimension_filter, safe="")
    target = rule.scopes[0] if rule.scopes else ""
    return {
        "searchQuery": rule.query,
        "metricMeasureColumn": rule.measure_column,
        "targetResourceTypes": f"['{target_type(target)}']",
        "operator": rule.operator,
        "threshold": str(shortest(rule.threshold)),
        "timeAggregation": rule.aggregation,
        "dimensions": [{"name": name, "value": text} for name, text in dimensions.items()],
        "metricValue": shortest(value),
        "failingPeriods": {
            "numberOfEvaluationPeriods": rule.periods,
            "minFailingPeriodsToAlert": rule.failing_periods,
        },
        "linkToSearchResultsUI": _portal_link(target, every_row, span),
        "linkToFilteredSearchResultsUI": _portal_link(target, filtered, span),
        "linkToSearchResultsAPI": _api_link(target, every_row, span),
        "linkToFilteredSearchResultsAPI": _api_link(target, filtered, span),
    }


@lru_cache(maxsize=256)
def _quoted(query: str) -> str:
    """A rule's query in a URL; it is long, and the same in each of its alerts."""
    return quote(query, safe="")


def _portal_link(target: str, query: str, span: tuple[datetime, datetime]) -> str:
    """`query` is quoted already, here and below."""
    scope = quote(f'{{"resources":[{{"resourceId":"{target}"}}]}}', safe="")
    return (
        f"{PORTAL}blade/Microsoft_Azure_Monitoring_Logs/LogsBlade/source/Alerts.EmailLinks"
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
