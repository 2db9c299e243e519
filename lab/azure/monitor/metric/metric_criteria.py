"""What Azure refuses in the criteria of a metric alert on metrics."""

from collections.abc import Mapping
from typing import Any, Final

from components.limits import metric_alert
from components.limits.alert_rule import duration
from components.limits.refusal import ABSENT, Refusal, nearest
from lab.azure.core.resource_error import refused

MAX_CRITERIA: Final = 5
MAX_PERIODS: Final = 6
_LIMITS = metric_alert
# "Supported resources for metric alerts": several resources in one rule.
_NOT_MULTIPLE: Final = (_LIMITS.SITES.lower(), _LIMITS.PLANS.lower())


def problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """Rules between scopes, window and the criteria; each criterion by itself."""
    criteria = inputs["criteria"].get("allOf") or []
    found = _scope_problems(inputs)
    if not 1 <= len(criteria) <= MAX_CRITERIA:
        expectation = f"expected 1 to {MAX_CRITERIA} criteria"
        found.append(refused("criteria.allOf", len(criteria), expectation))
    names = [each["name"] for each in criteria]
    dynamic = [each for each in criteria if each["criterionType"] == _LIMITS.DYNAMIC]
    if len(dynamic) > 1:
        found.append(refused("criteria.allOf", len(dynamic), "expected one dynamic criterion"))
    for number, each in enumerate(criteria):
        place = f"criteria.allOf[{number}]"
        if each["name"] in names[:number]:
            found.append(refused(f"{place}.name", each["name"], "expected each name once"))
        found += _criterion_problems(inputs, place, each)
    return found


def _scope_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    scopes = inputs["scopes"]
    if len(scopes) <= 1:
        return []
    if inputs["criteria"]["odataType"] == _LIMITS.SINGLE_RESOURCE:
        return [refused("scopes", scopes, "expected one resource with this criteria class")]
    found = [
        refused(name, ABSENT, "expected with more than one scope", "is missing")
        for name in ("targetResourceType", "targetResourceRegion")
        if not inputs.get(name)
    ]
    if str(inputs.get("targetResourceType") or "").lower() in _NOT_MULTIPLE:
        expectation = "expected one rule a resource: this type takes no more"
        found.append(refused("targetResourceType", inputs["targetResourceType"], expectation))
    return found


def _criterion_problems(
    inputs: Mapping[str, Any], place: str, criterion: Mapping[str, Any]
) -> list[Refusal]:
    dynamic = criterion["criterionType"] == _LIMITS.DYNAMIC
    operators = _LIMITS.DYNAMIC_OPERATORS if dynamic else _LIMITS.STATIC_OPERATORS
    closed = [("operator", operators), ("timeAggregation", _LIMITS.AGGREGATIONS)]
    if dynamic:
        closed.append(("alertSensitivity", _LIMITS.SENSITIVITIES))
    found = [
        refused(f"{place}.{name}", criterion[name], f"expected one of {', '.join(allowed)}")
        for name, allowed in closed
        if criterion[name] not in allowed
    ]
    if dynamic:
        found += _period_problems(place, criterion["failingPeriods"])
    for number, dimension in enumerate(criterion.get("dimensions") or ()):
        if dimension["operator"] not in ("Include", "Exclude"):
            name = f"{place}.dimensions[{number}].operator"
            found.append(refused(name, dimension["operator"], "expected Include or Exclude"))
    return [*found, *_metric_problems(inputs, place, criterion)]


def _period_problems(place: str, periods: Mapping[str, Any]) -> list[Refusal]:
    most, least = periods["numberOfEvaluationPeriods"], periods["minFailingPeriodsToAlert"]
    if 1 <= least <= most <= MAX_PERIODS:
        return []
    expectation = f"expected 1 to {MAX_PERIODS} periods, of which at most as many must fail"
    return [refused(f"{place}.failingPeriods", dict(periods), expectation)]


def _metric_problems(
    inputs: Mapping[str, Any], place: str, criterion: Mapping[str, Any]
) -> list[Refusal]:
    """For the namespaces that are known here; others are taken as they are."""
    kind = _type_of(str(inputs["scopes"][0])) if inputs["scopes"] else ""
    by_type = {name.lower(): metrics for name, metrics in _LIMITS.METRICS.items()}
    known = by_type.get(kind)
    if known is None:
        return []
    namespace = criterion.get("metricNamespace")
    if namespace is not None and namespace.lower() != kind:
        expectation = f"expected {kind}, of which the scope is"
        return [refused(f"{place}.metricNamespace", namespace, expectation)]
    metric = criterion["metricName"]
    if metric not in known:
        return [refused(f"{place}.metricName", metric, nearest(metric, known))]
    found = []
    aggregation = criterion["timeAggregation"]
    if aggregation not in known[metric]:
        expectation = f"expected {' or '.join(known[metric])} with {metric}"
        found.append(refused(f"{place}.timeAggregation", aggregation, expectation))
    least, window = _LIMITS.COARSEST_WINDOW.get(metric), inputs["windowSize"]
    if least and window in _LIMITS.WINDOWS and duration(window) < duration(least):
        expectation = f"expected {least} or more: Azure has {metric} no more often"
        found.append(refused("windowSize", window, expectation))
    return found


def _type_of(resource_id: str) -> str:
    """`microsoft.web/sites` of a site's id."""
    provider = resource_id.lower().rpartition("/providers/")[2].split("/")
    return "/".join([provider[0], *provider[1::2]])
