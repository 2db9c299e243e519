"""An alert rule that somebody wrote elsewhere: its ARM properties, and where they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, Final

from components.content import kql_function
from components.limits import alert_rule as limits
from components.limits.alert_rule import AlertRuleValues
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

DEFAULTS: Final[dict[str, Any]] = {
    "severity": 3,
    "evaluationFrequency": "PT5M",
    "windowSize": "PT5M",
    "timeAggregation": "Count",
    "operator": "GreaterThan",
    "threshold": 0,
}
"""What the portal has in its form before somebody changes it; a threshold it asks for, and any row
is what most people mean."""

_PERIODS: Final = ("numberOfEvaluationPeriods", "minFailingPeriodsToAlert")


@dataclass(frozen=True)
class ForeignRule:
    """`given`: ARM's properties of the rule and of its one condition, in one mapping.

    `words`: what a property is called where it stands, for those that have another name there.
    """

    name: str
    place: Place
    given: Mapping[str, Any]
    query_line: int | None = None
    """Line of the file in which the query begins, where the query has lines of its own there."""
    form: str = ""
    words: Mapping[str, str] | None = None

    @property
    def query(self) -> str:
        """The query as it was written."""
        return str(self.given["query"])

    def changed(self, chosen: Mapping[str, Any]) -> "ForeignRule":
        """With other values than its own."""
        return replace(self, given={**self.given, **chosen})

    def rendered(self) -> str:
        """The query with the functions of kql/functions that it calls."""
        used = kql_function.used_by(self.query, kql_function.load_all())
        return "\n".join([*(each.as_let() for each in used), self.query])

    def in_query(self, line: int | None) -> Place:
        """The place of a line of the query, from 1."""
        if line is None or self.query_line is None:
            return self.place
        return replace(self.place, line=self.query_line + line - 1)

    def rule(self, tables: LogTables) -> AlertRule:
        """What Azure makes of it; RefusedError has everything that Azure would refuse."""
        own = {key: value for key, value in self.given.items() if value is not None}
        given: dict[str, Any] = DEFAULTS | own
        refusals = self._refusals(given)
        if not refusals:
            refusals = self._refusals_of_result(given, tables)
        if refusals:
            raise RefusedError(*refusals)
        criterion: dict[str, Any] = {
            key: given[key]
            for key in (
                *("operator", "threshold", "timeAggregation", "metricMeasureColumn"),
                *("resourceIdColumn", "dimensions", "failingPeriods", "alertSensitivity"),
            )
            if key in given
        }
        criterion["query"] = self.rendered()
        if "alertSensitivity" in given:
            criterion.pop("threshold", None)
        outer: dict[str, Any] = {**given, "criteria": {"allOf": [criterion]}}
        return AlertRule.from_arm(outer, id=f"/rules/{self.name}", name=self.name)

    def _refusals(self, given: Mapping[str, Any]) -> list[Refusal]:
        wrong = self._refusals_of_form(given)
        if wrong:
            return wrong
        periods = given.get("failingPeriods") or {}
        counts = {name: periods.get(name, 1) for name in _PERIODS}
        sensitivity = given.get("alertSensitivity")
        values = AlertRuleValues(
            severity=int(given["severity"]),
            evaluation_frequency=str(given["evaluationFrequency"]),
            window_size=str(given["windowSize"]),
            time_aggregation=str(given["timeAggregation"]),
            operator=str(given["operator"]),
            threshold=None if sensitivity else given["threshold"],
            query=self.query,
            metric_measure_column=given.get("metricMeasureColumn"),
            dimensions=names_of(given),
            number_of_evaluation_periods=counts["numberOfEvaluationPeriods"],
            min_failing_periods=counts["minFailingPeriodsToAlert"],
            override_query_time_range=given.get("overrideQueryTimeRange"),
            alert_sensitivity=sensitivity,
        )
        return [
            replace(each, where=self._at(each.where.property)) for each in limits.refusals(values)
        ]

    def _refusals_of_form(self, given: Mapping[str, Any]) -> list[Refusal]:
        """Values of another kind than Azure's, in whatever file they came."""
        wrong: list[Refusal] = []

        def refuse(name: str, expected: str, value: object) -> None:
            wrong.append(Refusal(self._at(name), "is not allowed", expected, value))

        for name in ("threshold", "severity"):
            if not _is_number(given[name]):
                refuse(name, "expected a number", given[name])
        periods = given.get("failingPeriods") or {}
        if not isinstance(periods, Mapping):
            refuse("failingPeriods", "expected an object", periods)
            periods = {}
        for name in _PERIODS:
            value = periods.get(name, 1)
            if not isinstance(value, int) or isinstance(value, bool):
                refuse(name, "expected 1 to 6", value)
        dimensions = given.get("dimensions") or []
        if not isinstance(dimensions, list) or not all(_is_dimension(each) for each in dimensions):
            refuse("dimensions", "expected objects with name, operator and values", dimensions)
        for name in ("muteActionsDuration", "overrideQueryTimeRange"):
            if given.get(name) is not None and not _is_duration(given[name]):
                refuse(name, "expected a duration such as PT1H", given[name])
        return wrong

    def _refusals_of_result(self, given: Mapping[str, Any], tables: LogTables) -> list[Refusal]:
        """What is wrong with the query, or with the columns that the rule takes of its result."""
        whole = self.rendered()
        try:
            shape = tables.shape(whole)
        except KustoError as error:
            above = whole.count("\n") - self.query.count("\n")
            own = error.line - above if error.line and error.line > above else None
            where = self.in_query(own)
            told = f" (line {own} of the query)" if own and self.query_line is None else ""
            return [Refusal(where, f"{error.message}{told}")]
        column = given.get("metricMeasureColumn")
        return [
            Refusal(
                self._at(key), "is no column of the result", f"expected {', '.join(shape)}", name
            )
            for key, names in (
                ("dimensions", names_of(given)),
                ("metricMeasureColumn", [column] if column else []),
            )
            for name in names
            if name not in shape
        ]

    def _at(self, name: str) -> Place:
        return replace(self.place, resource="", property=(self.words or {}).get(name, name))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_dimension(value: object) -> bool:
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return False
    return isinstance(value.get("values", []), list)


def _is_duration(value: object) -> bool:
    try:
        limits.duration(str(value))
    except ValueError:
        return False
    return True


def names_of(given: Mapping[str, Any]) -> Sequence[str]:
    """The columns that a rule is split by."""
    return [str(each["name"]) for each in given.get("dimensions") or []]


def of_query(path: Path, text: str, name: str) -> ForeignRule:
    """A bare query, with what the portal's form has for the rest."""
    lines = text.splitlines()
    blank = next((n for n, line in enumerate(lines) if line.strip()), 0)
    body = "\n".join(line.rstrip() for line in lines[blank:]).rstrip().rstrip(";")
    return ForeignRule(name, Place(shown(path)), {"query": body}, blank + 1, "KQL")
