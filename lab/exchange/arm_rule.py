"""Alert rules in JSON: an ARM template (by hand, by Bicep), the portal's export, what az shows."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.exchange.arm_expression import Expressions, UnknownValueError
from lab.exchange.foreign_rule import ForeignRule

TYPE: Final = "microsoft.insights/scheduledqueryrules"
SENTINEL: Final = ("alertrules", "microsoft.securityinsights/alertrules")
_NESTED: Final = "microsoft.resources/deployments"
_OUTER: Final = (
    *("severity", "evaluationFrequency", "windowSize", "autoMitigate", "muteActionsDuration"),
    *("overrideQueryTimeRange", "displayName", "description", "enabled", "resolveConfiguration"),
)
_INNER: Final = (
    *("query", "timeAggregation", "metricMeasureColumn", "operator", "threshold", "dimensions"),
    *("failingPeriods", "resourceIdColumn", "alertSensitivity"),
)
_NEEDED: Final = "expected an alert rule (Microsoft.Insights/scheduledQueryRules) or a template"


def read(path: Path, text: str) -> list[ForeignRule]:
    """Every log search alert rule of the file; RefusedError where it has none, or one is broken."""
    try:
        content = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        where = Place(shown(path), error.lineno)
        raise RefusedError(Refusal(where, f"is not JSON: {error.msg}", _NEEDED)) from error
    found: list[ForeignRule] = []
    refusals: list[Refusal] = []
    for resource, expressions in _resources(content, Expressions({})):
        try:
            found.append(_rule(path, text, resource, expressions))
        except RefusedError as error:
            refusals += error.refusals
    if refusals:
        raise RefusedError(*refusals)
    if not found:
        raise RefusedError(Refusal(Place(shown(path), 1), "has no alert rule", _NEEDED))
    return found


def sentinel_rules(text: str) -> list[dict[str, Any]]:
    """The analytics rules of Sentinel's own export, as the keys of a rule in YAML."""
    try:
        content = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError:
        return []
    return [
        {"kind": resource.get("kind"), **_plain(expressions, _inside(resource, "properties"))}
        for resource, expressions in _resources(content, Expressions({}), SENTINEL)
    ]


def _plain(expressions: Expressions, given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in given.items():
        try:
            found[key] = expressions.value(value)
        except UnknownValueError:
            found[key] = value
    return found


def _resources(
    content: Any, outer: Expressions, types: Iterable[str] = (TYPE,)
) -> Iterator[tuple[Mapping[str, Any], Expressions]]:
    """The resources of these types, wherever the file has them, with the values around them."""
    if isinstance(content, list):
        for each in content:
            yield from _resources(each, outer, types)
        return
    if not isinstance(content, Mapping):
        return
    kind = str(content.get("type", "")).lower()
    if any(kind == each or kind.endswith(f"/{each}") for each in types):
        yield content, outer
    elif kind == _NESTED:
        template = _inside(content, "properties").get("template")
        yield from _resources(template, outer, types)
    elif isinstance(content.get("resources"), list | Mapping):
        inside = content["resources"]
        # Bicep with symbolic names writes a mapping.
        entries = list(inside.values()) if isinstance(inside, Mapping) else inside
        yield from _resources(entries, Expressions(content), types)
    elif isinstance(content.get("value"), list):  # what a list of the REST API is wrapped in
        yield from _resources(content["value"], outer, types)
    elif TYPE in types and ("criteria" in content or "criteria" in _inside(content, "properties")):
        yield content, outer


def _rule(
    path: Path, text: str, resource: Mapping[str, Any], expressions: Expressions
) -> ForeignRule:
    # az shows them without the level between.
    properties = _inside(resource, "properties") or resource
    name = str(resource.get("name") or properties.get("displayName") or path.stem)
    where = Place(shown(path), _line(text, resource.get("name")), resource=f"alert rule {name}")
    if "source" in properties and "schedule" in properties:
        given = _of_2018(properties, where)
    else:
        given = _of_criteria(properties, where)
    try:
        values = expressions.value(given)
    except UnknownValueError as error:
        what = f"cannot be told: it needs {error}"
        expected = "expected a value, or a parameter with a defaultValue"
        raise RefusedError(Refusal(where, what, expected)) from error
    if not isinstance(values.get("query"), str) or not values["query"].strip():
        raise RefusedError(Refusal(where, "has no query", "expected criteria.allOf[0].query"))
    for key in ("evaluationFrequency", "windowSize", "overrideQueryTimeRange"):
        if key in values:
            values[key] = _iso(values[key])
    name = _resolved(expressions, name)
    return ForeignRule(name, Place(where.file, where.line), values, None, "ARM")


def _of_criteria(properties: Mapping[str, Any], where: Place) -> dict[str, Any]:
    criteria = properties.get("criteria") or {}
    conditions = criteria.get("allOf") if isinstance(criteria, Mapping) else None
    if not isinstance(conditions, list) or len(conditions) != 1:
        number = len(conditions) if isinstance(conditions, list) else 0
        what = f"has {number} conditions"
        raise RefusedError(Refusal(where, what, "expected one, in criteria.allOf"))
    condition = _object(conditions[0], where, "criteria.allOf[0]")
    given = {key: properties[key] for key in _OUTER if properties.get(key) is not None}
    return given | {key: condition[key] for key in _INNER if condition.get(key) is not None}


def _of_2018(properties: Mapping[str, Any], where: Place) -> dict[str, Any]:
    """The form of API version 2018-04-16: minutes, and any number of rows beyond a threshold."""
    source, schedule, action = (
        _object(properties.get(key) or {}, where, key) for key in ("source", "schedule", "action")
    )
    trigger = _object(action.get("trigger") or {}, where, "action.trigger")
    severity = action.get("severity", 3)
    return {
        "query": source.get("query"),
        "evaluationFrequency": f"PT{schedule.get('frequencyInMinutes', 5)}M",
        "windowSize": f"PT{schedule.get('timeWindowInMinutes', 5)}M",
        "operator": trigger.get("thresholdOperator", "GreaterThan"),
        "threshold": trigger.get("threshold", 0),
        "severity": int(severity) if str(severity).isdigit() else severity,
    }


def _inside(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What is in an object of a file in which anything may stand."""
    found = content.get(key)
    return found if isinstance(found, Mapping) else {}


def _object(found: Any, where: Place, key: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        wrong = replace(where, resource="", property=key)
        raise RefusedError(Refusal(wrong, "is not allowed", "expected an object", found))
    return found


def _iso(given: Any) -> Any:
    """az has durations as `0:05:00`; PT60M is PT1H."""
    text = str(given)
    clock = text.split(":")
    if len(clock) == 3 and all(part.isdigit() for part in clock):
        minutes = int(clock[0]) * 60 + int(clock[1])
    elif text.startswith("PT") and text.endswith("M") and text[2:-1].isdigit():
        minutes = int(text[2:-1])
    else:
        return given
    for unit, length in (("P{}D", 1440), ("PT{}H", 60)):
        if minutes and minutes % length == 0:
            return unit.format(minutes // length)
    return f"PT{minutes}M"


def _resolved(expressions: Expressions, name: str) -> str:
    try:
        return str(expressions.value(name))
    except UnknownValueError:
        return name


def _line(text: str, name: object) -> int:
    """The line in which the resource's name stands."""
    at = text.find(json.dumps(name)) if isinstance(name, str) else -1
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
