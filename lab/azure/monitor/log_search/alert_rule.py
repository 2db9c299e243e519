"""A log search alert rule and its evaluation at one moment.

Semantics from Microsoft's "Alerts overview" and "Create a log search alert rule". A row counts when
its TimeGenerated lies in (now - lookback, now] and it has arrived by `now`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from components.content.detection import Detection
from components.limits.alert_rule import MAX_RANGE, duration
from components.limits.refusal import FailedError, Place, Refusal, nearest
from lab.kusto.column_type import is_measurable
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables


@dataclass(frozen=True)
class Dimension:
    """A column that splits the result; `*` in `values` stands for every value."""

    name: str
    operator: str = "Include"
    values: tuple[str, ...] = ("*",)

    def takes(self, value: str) -> bool:
        listed = value in self.values or "*" in self.values
        return listed if self.operator == "Include" else not listed


@dataclass(frozen=True)
class AlertRule:
    """One rule with one condition; durations are read, the payload's texts are kept.

    A dynamic threshold is Azure's to learn, from three days of history on: here it is no number
    (NaN), and nothing violates it.
    """

    name: str
    query: str
    frequency: timedelta
    window: timedelta
    operator: str
    threshold: float
    aggregation: str = "Count"
    measure_column: str | None = None
    dimensions: tuple[Dimension, ...] = ()
    periods: int = 1
    failing_periods: int = 1
    severity: int = 3
    id: str = ""
    display_name: str = ""
    description: str = ""
    enabled: bool = True
    auto_mitigate: bool = True
    mute: timedelta | None = None
    query_range: timedelta | None = None
    resolve_after: timedelta | None = None
    resource_id_column: str | None = None
    scopes: tuple[str, ...] = ()
    action_groups: tuple[str, ...] = ()
    custom_properties: Mapping[str, str] = field(default_factory=dict)
    action_properties: Mapping[str, str] = field(default_factory=dict)
    window_size: str = ""
    """`window` as ARM has it: `PT5M`."""
    sensitivity: str | None = None
    """Of a dynamic threshold: Low, Medium or High."""
    signal_type: ClassVar = "Log"
    monitoring_service: ClassVar = "Log Alerts V2"

    @property
    def lookback(self) -> timedelta:
        """What the query sees; never more than two days, whatever its text says."""
        return min(self.query_range or self.window * self.periods, MAX_RANGE)

    @property
    def splits(self) -> tuple[str, ...]:
        """The columns whose values make one time series each."""
        names = tuple(dimension.name for dimension in self.dimensions)
        column = self.resource_id_column
        return names if column is None or column in names else (*names, column)

    @property
    def healthy_time(self) -> timedelta:
        """How long no evaluation may be violated before a stateful alert is resolved."""
        if self.resolve_after is not None:
            return self.resolve_after
        if self.frequency < timedelta(minutes=5):
            return timedelta(minutes=10)
        if self.frequency <= timedelta(minutes=15):
            return self.frequency * 3
        return self.frequency * (2 if self.frequency <= timedelta(hours=11) else 1)

    @classmethod
    def from_arm(cls, inputs: Mapping[str, Any], *, id: str = "", name: str = "") -> "AlertRule":
        """From the camelCase inputs of a ScheduledQueryRule; they have been checked before."""
        criterion = inputs["criteria"]["allOf"][0]
        periods = criterion.get("failingPeriods") or {}
        actions = inputs.get("actions") or {}
        resolve = inputs.get("resolveConfiguration") or {}
        return cls(
            name=name or str(inputs.get("ruleName", "")),
            id=id,
            display_name=str(inputs.get("displayName") or ""),
            description=str(inputs.get("description") or ""),
            query=criterion["query"],
            severity=int(inputs.get("severity", 3)),
            enabled=inputs.get("enabled", True),
            frequency=duration(inputs["evaluationFrequency"]),
            window=duration(inputs["windowSize"]),
            window_size=inputs["windowSize"],
            aggregation=criterion["timeAggregation"],
            measure_column=criterion.get("metricMeasureColumn"),
            operator=criterion["operator"],
            threshold=_number(criterion.get("threshold")),
            sensitivity=criterion.get("alertSensitivity"),
            dimensions=tuple(_dimension(each) for each in criterion.get("dimensions") or ()),
            resource_id_column=criterion.get("resourceIdColumn"),
            periods=int(periods.get("numberOfEvaluationPeriods", 1)),
            failing_periods=int(periods.get("minFailingPeriodsToAlert", 1)),
            # ARM's default is true, but a rule that says when to resolve leaves it out.
            auto_mitigate=inputs.get("autoMitigate", resolve.get("autoResolved", True)),
            resolve_after=_span(resolve.get("timeToResolve")),
            mute=_span(inputs.get("muteActionsDuration")),
            query_range=_span(inputs.get("overrideQueryTimeRange")),
            scopes=tuple(inputs.get("scopes") or ()),
            action_groups=tuple(actions.get("actionGroups") or ()),
            custom_properties=dict(actions.get("customProperties") or {}),
            action_properties=dict(actions.get("actionProperties") or {}),
        )

    @classmethod
    def from_detection(cls, detection: Detection) -> "AlertRule":
        """As the stack deploys it; its name is the detection's slug."""
        return cls(
            name=detection.slug,
            id=f"/detections/{detection.slug}",
            display_name=detection.name,
            description=detection.description,
            query=detection.rendered_query(),
            severity=detection.severity,
            enabled=detection.enabled,
            frequency=duration(detection.frequency),
            window=duration(detection.window),
            window_size=detection.window,
            aggregation=detection.aggregation,
            measure_column=detection.measure_column,
            operator=detection.operator,
            threshold=_number(detection.threshold),
            sensitivity=detection.sensitivity,
            dimensions=tuple(Dimension(name) for name in detection.dimensions),
            periods=detection.failing_periods,
            failing_periods=detection.min_failing_periods,
        )


@dataclass(frozen=True)
class Series:
    """One combination of dimension values at one evaluation; the window is (start, end]."""

    dimensions: dict[str, str]
    value: float
    violated: bool
    window_start: datetime
    window_end: datetime


class AlertRuleError(FailedError):
    """A rule that cannot be evaluated: its query, or a column that its result lacks."""


_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThan": lambda value, threshold: value > threshold,
    "GreaterThanOrEqual": lambda value, threshold: value >= threshold,
    "LessThan": lambda value, threshold: value < threshold,
    "LessThanOrEqual": lambda value, threshold: value <= threshold,
    "Equal": lambda value, threshold: value == threshold,
}


def violates(operator: str, value: float, threshold: float) -> bool:
    """Whether a measured value meets the condition that the rule warns of."""
    if math.isnan(threshold):
        return False
    return _COMPARE[operator](value, threshold)


def evaluate(
    rule: AlertRule, tables: LogTables, now: datetime, *, seen_at: datetime | None = None
) -> list[Series]:
    """Every time series of the rule at `now`, in order of its dimension values.

    `seen_at` lets it see rows that arrive later than `now`.
    """
    return evaluate_all(rule, tables, [now], seen_at=[seen_at or now])[0]


def evaluate_all(
    rule: AlertRule,
    tables: LogTables,
    moments: Sequence[datetime],
    *,
    seen_at: Sequence[datetime] | None = None,
) -> list[list[Series]]:
    """`evaluate` at each moment (and its `seen_at`), at the price of little more than one."""
    try:
        sql = _bins(rule, tables.shape(rule.query))
        rows = tables.fetch(sql, rule.query, moments, rule.lookback, seen_at)
    except KustoError as error:
        raise AlertRuleError(Refusal(_place(rule), str(error))) from error
    found: list[dict[tuple[str, ...], dict[int, float]]] = [{} for _ in moments]
    for number, *values, newest, value in rows:
        found[number].setdefault(tuple(values), {})[int(newest)] = float(value)
    return [_all_series(rule, each, now) for each, now in zip(found, moments, strict=True)]


def _all_series(
    rule: AlertRule, found: dict[tuple[str, ...], dict[int, float]], now: datetime
) -> list[Series]:
    if not rule.splits and rule.aggregation == "Count":
        counted = found.get((), {})
        found = {(): {number: counted.get(number, 0.0) for number in range(rule.periods)}}
    return [
        _series(rule, dict(zip(rule.splits, values, strict=True)), bins, now)
        for values, bins in sorted(found.items())
        if all(each.takes(value) for each, value in zip(rule.dimensions, values, strict=False))
    ]


def _series(
    rule: AlertRule, dimensions: dict[str, str], bins: Mapping[int, float], now: datetime
) -> Series:
    newest_first = [bins[number] for number in sorted(bins)]
    failing = [value for value in newest_first if violates(rule.operator, value, rule.threshold)]
    violated = len(failing) >= rule.failing_periods
    value = failing[0] if violated else newest_first[0]
    return Series(dimensions, value, violated, now - rule.window * rule.periods, now)


_REDUCE: Final = {
    "Count": "count(*)",
    "Total": "sum({})",
    "Average": "avg({})",
    "Minimum": "min({})",
    "Maximum": "max({})",
}


def _bins(rule: AlertRule, shape: Mapping[str, str]) -> str:
    """SQL that reduces the query's result to (dimension values…, bin, value); bin 0 is newest."""
    columns = [_as_text(_known(rule, name, shape), shape[name]) for name in rule.splits]
    number = _bin_number(rule, shape)
    measure = ""
    if rule.measure_column is not None:
        measure = _known(rule, rule.measure_column, shape)
        if not is_measurable(shape[rule.measure_column]):
            what = f"column {rule.measure_column!r} is no number ({shape[rule.measure_column]})"
            expected = f"expected one for {rule.aggregation}"
            raise AlertRuleError(Refusal(_place(rule), what, expected))
    value = _REDUCE[rule.aggregation].format(f"CAST({measure} AS DOUBLE)")
    listed = ", ".join([*columns, f"{number} AS bin", f"{value} AS value"])
    groups = ", ".join(str(each + 1) for each in range(len(columns) + 1))
    return (
        f"SELECT {listed} FROM {{query}} GROUP BY {groups}"  # noqa: S608  # columns of the result
        f" HAVING value IS NOT NULL AND bin < {rule.periods}"
    )


def _bin_number(rule: AlertRule, shape: Mapping[str, str]) -> str:
    if rule.periods == 1 and (rule.query_range is None or "TimeGenerated" not in shape):
        return "0"
    if shape.get("TimeGenerated") != "TIMESTAMP":
        expected = f"expected a datetime column of this name for {rule.periods} evaluation periods"
        raise AlertRuleError(Refusal(_place(rule), "the result has no TimeGenerated", expected))
    # A row on the border of two bins goes to the newer one: `bin(TimeGenerated, window)` names
    # a bin by its start.
    width = rule.window // timedelta(microseconds=1)
    past = '(epoch_us(_tick.now) - epoch_us("TimeGenerated"))'
    return f"greatest(0, ({past} + {width - 1}) // {width} - 1)"


def _place(rule: AlertRule) -> Place:
    return Place(resource=f"alert rule {rule.name}")


def _known(rule: AlertRule, name: str, shape: Mapping[str, str]) -> str:
    if name not in shape:
        what = f"column {name!r} is not in the query's result"
        raise AlertRuleError(Refusal(_place(rule), what, nearest(name, shape)))
    quoted = name.replace('"', '""')
    return f'"{quoted}"'


def _as_text(column: str, kind: str) -> str:
    text = f"{column} ->> '$'" if kind == "JSON" else f"CAST({column} AS VARCHAR)"
    return f"coalesce({text}, '')"


def _dimension(given: Mapping[str, Any]) -> Dimension:
    return Dimension(given["name"], given["operator"], tuple(given["values"]))


def _number(threshold: float | None) -> float:
    return math.nan if threshold is None else threshold


def _span(text: str | None) -> timedelta | None:
    return duration(text) if text else None
