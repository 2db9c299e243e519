"""Alert rules in Terraform: `azurerm_monitor_scheduled_query_rules_alert_v2` of a `.tf` file."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import hcl2
from hcl2.utils import SerializationOptions
from lark.exceptions import LarkError

from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.exchange.foreign_rule import ForeignRule

TYPE: Final = "azurerm_monitor_scheduled_query_rules_alert_v2"
_OUTER: Final = {
    "severity": "severity",
    "evaluation_frequency": "evaluationFrequency",
    "window_duration": "windowSize",
    "auto_mitigation_enabled": "autoMitigate",
    "mute_actions_after_alert_duration": "muteActionsDuration",
    "query_time_range_override": "overrideQueryTimeRange",
    "display_name": "displayName",
    "description": "description",
    "enabled": "enabled",
}
_INNER: Final = {
    "query": "query",
    "time_aggregation_method": "timeAggregation",
    "metric_measure_column": "metricMeasureColumn",
    "operator": "operator",
    "threshold": "threshold",
    "resource_id_column": "resourceIdColumn",
}
_PERIODS: Final = {
    "minimum_failing_periods_to_trigger_alert": "minFailingPeriodsToAlert",
    "number_of_evaluation_periods": "numberOfEvaluationPeriods",
}
_NUMBERS: Final = frozenset({"severity", "threshold", *_PERIODS.values()})
_WORDS: Final = {
    **{arm: name for name, arm in {**_OUTER, **_INNER, **_PERIODS}.items()},
    "dimensions": "dimension",
}
_OPTIONS: Final = SerializationOptions(with_comments=False, with_meta=True)
_REFERENCE: Final = re.compile(r"\$\{\s*(var|local)\.(\w+)\s*\}")
_HEREDOC: Final = re.compile(r"<<(-?)(\w+)\n(.*)\n[ \t]*\2\s*\Z", re.DOTALL)
_ESCAPE: Final = re.compile(r'\\(n|r|t|"|\\)')
_CHARACTERS: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read(path: Path, text: str) -> list[ForeignRule]:
    """Every such rule of the file; RefusedError where it has none, or one needs another file."""
    try:
        content = hcl2.loads(
            text if text.endswith("\n") else f"{text}\n", serialization_options=_OPTIONS
        )
    except LarkError as error:
        where = Place(shown(path), getattr(error, "line", None))
        what = f"is not Terraform: {str(error).splitlines()[0]}"
        raise RefusedError(Refusal(where, what, "expected HCL")) from error
    values = _Values(content)
    rules = [
        _rule(path, text, _unquoted(name), block, values)
        for resource in content.get("resource", [])
        for kind, named in resource.items()
        if _unquoted(kind) == TYPE
        for name, block in named.items()
        if isinstance(block, Mapping)
    ]
    if not rules:
        expected = f'expected a resource "{TYPE}"'
        raise RefusedError(Refusal(Place(shown(path), 1), "has no alert rule", expected))
    return rules


class _Values:
    """Variables with a default, and locals."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._known: dict[tuple[str, str], Any] = {}
        for entry in content.get("variable", []):
            for name, block in entry.items():
                if isinstance(block, Mapping) and "default" in block:
                    self._known["var", _unquoted(name)] = block["default"]
        for entry in content.get("locals", []):
            self._known |= {("local", _unquoted(name)): value for name, value in entry.items()}

    def value(self, given: Any, where: Place, depth: int = 0) -> Any:
        """A text, a number, a list; RefusedError for what only Terraform could tell."""
        if isinstance(given, list):
            return [self.value(each, where, depth) for each in given]
        if not isinstance(given, str):
            return given
        whole = _REFERENCE.fullmatch(given)
        if whole and depth < 10:
            return self.value(self._of(whole, where), where, depth + 1)
        if not given.startswith('"'):
            raise _needs(given.removeprefix("${").removesuffix("}"), where)
        text = _text(given)
        # `$${` is a dollar sign and a brace, and no hole.
        parts = text.split("$${")
        filled = [
            _REFERENCE.sub(
                lambda hole: str(self.value(self._of(hole, where), where, depth + 1)), part
            )
            for part in parts
        ]
        for part in filled:
            if found := re.search(r"\$\{([^}]*)\}", part):
                raise _needs(found[1], where)
        return "${".join(filled)

    def _of(self, found: re.Match[str], where: Place) -> Any:
        key = (found[1], found[2])
        if key not in self._known:
            raise _needs(f"{found[1]}.{found[2]}", where)
        return self._known[key]


def _rule(
    path: Path, text: str, name: str, block: Mapping[str, Any], values: _Values
) -> ForeignRule:
    line = block.get("__start_line__")
    place = Place(shown(path), line if isinstance(line, int) else 1)
    where = Place(place.file, place.line, resource=f"{TYPE} {name}")
    conditions = block.get("criteria") or []
    if len(conditions) != 1:
        what = f"has {len(conditions)} blocks named criteria"
        raise RefusedError(Refusal(where, what, "expected one"))
    condition = conditions[0]
    if "query" not in condition:
        raise RefusedError(Refusal(where, "has no query", "expected criteria.query"))
    if any(each.get("dynamic") for each in (block, condition)):
        raise _needs("a block named dynamic", where)
    given = dict(_taken(block, _OUTER, values, where))
    given |= dict(_taken(condition, _INNER, values, where))
    if condition.get("dimension"):
        given["dimensions"] = [
            {
                key: values.value(each[key], where)
                for key in ("name", "operator", "values")
                if key in each
            }
            for each in condition["dimension"]
        ]
    for periods in condition.get("failing_periods") or []:
        given["failingPeriods"] = dict(_taken(periods, _PERIODS, values, where))
    own = values.value(block["name"], where) if "name" in block else name
    line = _query_line(text, given["query"], place.line or 1)
    return ForeignRule(str(own), place, given, line, "Terraform", _WORDS)


def _taken(
    block: Mapping[str, Any], names: Mapping[str, str], values: _Values, where: Place
) -> Iterator[tuple[str, Any]]:
    for name, arm in names.items():
        if block.get(name) is not None:
            found = values.value(block[name], where)
            yield arm, _converted(found) if arm in _NUMBERS else found


def _converted(found: Any) -> Any:
    """Terraform takes "5" for a number."""
    if not isinstance(found, str):
        return found
    try:
        return int(found)
    except ValueError:
        pass
    try:
        return float(found)
    except ValueError:
        return found


def _query_line(text: str, query: str, after: int) -> int | None:
    """The line of a heredoc's first line; None for a query in quotes, which has one line."""
    first = next((line.strip() for line in query.splitlines() if line.strip()), "")
    rows = text.splitlines()
    found = (n + 1 for n in range(after - 1, len(rows)) if rows[n].strip() == first)
    return next(found, None) if "\n" in query.strip() else None


def _needs(what: str, where: Place) -> RefusedError:
    expected = "expected a value, a local, or a variable with a default, in this file"
    return RefusedError(Refusal(where, f"cannot be told: it needs {what}", expected))


def _unquoted(name: str) -> str:
    return name.removeprefix('"').removesuffix('"')


def _text(given: str) -> str:
    """A quoted text or a heredoc without its marks."""
    inside = given[1:-1]
    heredoc = _HEREDOC.match(inside)
    if heredoc is None:
        return _ESCAPE.sub(lambda found: _CHARACTERS[found[1]], inside)
    return textwrap.dedent(heredoc[3]) if heredoc[1] else heredoc[3]
