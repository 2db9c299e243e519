"""What Azure accepts in a log search alert rule (Microsoft.Insights/scheduledQueryRules v2).

Values and rules between values, from Microsoft's pages "Create a log search alert rule", "Alerts
overview" and "Service limits", and from the service's own refusals. Pure: no pulumi, no I/O.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from components.limits.kql_text import code_only
from components.limits.refusal import Place, Refusal

_UP_TO_SIX_HOURS = ("PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H")
FREQUENCIES = (
    *("PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT45M"),
    *_UP_TO_SIX_HOURS,
    "P1D",
)
WINDOWS = (*FREQUENCIES, "P2D")
QUERY_TIME_RANGES = (
    *("PT5M", "PT10M", "PT15M", "PT20M", "PT30M", "PT45M"),
    *_UP_TO_SIX_HOURS,
    "P1D",
    "P2D",
)
MUTE_DURATIONS = ("PT5M", "PT10M", "PT15M", "PT30M", "PT45M", *_UP_TO_SIX_HOURS, "P1D", "P2D")
OPERATORS = ("GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "Equal")
DYNAMIC_OPERATORS = ("GreaterThan", "LessThan", "GreaterOrLessThan")
ANY_OPERATOR = (*OPERATORS, "GreaterOrLessThan")
"""Static or dynamic. Azure's own type file says `Equals`, which the service refuses
(Azure/azure-rest-api-specs #21794, Azure/bicep-types-az #2308)."""
SENSITIVITIES = ("Low", "Medium", "High")
AGGREGATIONS = ("Count", "Total", "Average", "Minimum", "Maximum")
SEVERITIES = range(5)
MAX_PERIODS = 6
MAX_DIMENSIONS = 6
MAX_ACTION_GROUPS = 5
MAX_DESCRIPTION = 4096
MAX_RANGE = timedelta(days=2)
STATEFUL_CAP = 300
"""Alerts that one evaluation of a rule that resolves by itself fires ("Service limits")."""
STATELESS_CAP = 6_000
ACTIVE_CAP = 5_000
"""Alerts of one rule that are fired at a time."""
MAX_RULE_BYTES = 64 * 1024
"""Of all properties together ("Create a log search alert rule"). How Azure counts is UNCONFIRMED,
which is why our own limit lies far below."""
OWN_RULE_BYTES = 16 * 1024
"""Of a query of ours: its alerts then stay below the next limit, and its links can be opened."""
MAX_NOTIFICATION_BYTES = 256 * 1024
"""Of a message in the common alert schema, which holds the query five times, four of them quoted
("Common alert schema")."""

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_NEVER = re.compile(r"\b(bag_unpack|pivot|narrow)\s*\(")
_AGO = re.compile(r"\bago\s*\(\s*([^)]*)\)")
_TIMESPAN = re.compile(r"\d+(\.\d+)?(d|h|m|s|ms|microsecond|tick)|time\(.*|timespan\(.*")
_NOT_EACH_MINUTE = re.compile(r"\b(search|union|take|limit)\b|\b(ingestion_time|adx)\s*\(")


@dataclass(frozen=True)
class AlertRuleValues:
    """The values of one rule with one condition, ARM's words in snake case.

    A dynamic condition has an alert sensitivity and no threshold: Azure learns what is usual, from
    three days and thirty samples on.
    """

    severity: int
    evaluation_frequency: str
    window_size: str
    time_aggregation: str
    operator: str
    threshold: float | None
    query: str
    metric_measure_column: str | None = None
    dimensions: Sequence[str] = ()
    number_of_evaluation_periods: int = 1
    min_failing_periods: int = 1
    description: str = ""
    auto_mitigate: bool | None = None
    mute_actions_duration: str | None = None
    override_query_time_range: str | None = None
    alert_sensitivity: str | None = None

    @property
    def is_dynamic(self) -> bool:
        return self.alert_sensitivity is not None


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of days, hours, minutes, seconds (`PT15M`, `P1D`); else ValueError."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(
            f"duration {text!r} cannot be read; expected ISO 8601 such as PT15M or P1D"
        )
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def in_words(text: str) -> str:
    """A duration as people write it: `30 min`, `1 d 2 h`; ValueError as `duration`."""
    minutes, seconds = divmod(round(duration(text).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in units if number)


def refusals(rule: AlertRuleValues) -> list[Refusal]:
    """Everything Azure would refuse, by ARM property.

    Rules between values speak only when each value is sound.
    """
    single = [*_closed_values(rule), *_counts(rule)]
    return single or [*_times(rule), *_query(rule)]


def _closed_values(rule: AlertRuleValues) -> list[Refusal]:
    closed: list[tuple[str, object, Sequence[object]]] = [
        ("severity", rule.severity, SEVERITIES),
        ("evaluationFrequency", rule.evaluation_frequency, FREQUENCIES),
        ("windowSize", rule.window_size, WINDOWS),
        ("timeAggregation", rule.time_aggregation, AGGREGATIONS),
        ("operator", rule.operator, DYNAMIC_OPERATORS if rule.is_dynamic else OPERATORS),
    ]
    if rule.alert_sensitivity is not None:
        closed.append(("alertSensitivity", rule.alert_sensitivity, SENSITIVITIES))
    if rule.mute_actions_duration is not None:
        closed.append(("muteActionsDuration", rule.mute_actions_duration, MUTE_DURATIONS))
    if rule.override_query_time_range is not None:
        closed.append(("overrideQueryTimeRange", rule.override_query_time_range, QUERY_TIME_RANGES))
    return [
        _refused(name, value, f"expected one of {', '.join(str(each) for each in allowed)}")
        for name, value, allowed in closed
        if isinstance(value, bool) or value not in allowed
    ]


def _counts(rule: AlertRuleValues) -> list[Refusal]:
    found = []
    periods, failing = rule.number_of_evaluation_periods, rule.min_failing_periods
    if not 1 <= periods <= MAX_PERIODS:
        found.append(_refused("numberOfEvaluationPeriods", periods, "expected 1 to 6"))
    elif not 1 <= failing <= periods:
        found.append(_refused("minFailingPeriodsToAlert", failing, f"expected 1 to {periods}"))
    if rule.is_dynamic and rule.threshold is not None:
        found.append(_refused("threshold", rule.threshold, "expected none with a sensitivity"))
    if not rule.is_dynamic and rule.threshold is None:
        found.append(_refused("threshold", None, "expected a number, or a sensitivity"))
    if len(rule.dimensions) > MAX_DIMENSIONS:
        expectation = f"expected at most {MAX_DIMENSIONS} columns"
        found.append(_refused("dimensions", list(rule.dimensions), expectation))
    if len(set(rule.dimensions)) < len(rule.dimensions):
        found.append(_refused("dimensions", list(rule.dimensions), "expected each column once"))
    if len(rule.description) > MAX_DESCRIPTION:
        expectation = f"expected at most {MAX_DESCRIPTION} characters"
        found.append(
            Refusal(
                Place(property="description"),
                f"has {len(rule.description)} characters",
                expectation,
            )
        )
    column = rule.metric_measure_column
    if rule.time_aggregation == "Count" and column:
        expectation = "expected none with timeAggregation Count, which counts rows"
        found.append(_refused("metricMeasureColumn", column, expectation))
    elif rule.time_aggregation in AGGREGATIONS[1:] and not column:
        expectation = f"expected a numeric column with timeAggregation {rule.time_aggregation}"
        found.append(_refused("metricMeasureColumn", column, expectation))
    return found


def _times(rule: AlertRuleValues) -> list[Refusal]:
    frequency, window = duration(rule.evaluation_frequency), duration(rule.window_size)
    reach = window * rule.number_of_evaluation_periods
    reach_text = f"{rule.window_size} x {rule.number_of_evaluation_periods}"
    found = []
    if rule.window_size == "PT1M" and rule.evaluation_frequency != "PT1M":
        found.append(_refused("windowSize", "PT1M", "expected PT5M or more unless every PT1M"))
    if frequency > reach:
        expectation = f"expected at most the window times its periods ({reach_text})"
        found.append(_refused("evaluationFrequency", rule.evaluation_frequency, expectation))
    if reach > MAX_RANGE:
        expectation = "expected at most 2 days for the window times its periods"
        found.append(_refused("windowSize", rule.window_size, expectation))
    override, mute = rule.override_query_time_range, rule.mute_actions_duration
    if override is not None and duration(override) < max(reach, frequency):
        expectation = f"expected at least {reach_text} and {rule.evaluation_frequency}"
        found.append(_refused("overrideQueryTimeRange", override, expectation))
    if mute is not None and duration(mute) < frequency:
        expectation = f"expected at least the frequency ({rule.evaluation_frequency})"
        found.append(_refused("muteActionsDuration", mute, expectation))
    if mute is not None and rule.auto_mitigate is not False:  # ARM's default is true
        found.append(_refused("autoMitigate", rule.auto_mitigate, "expected false with a mute"))
    if rule.auto_mitigate and frequency > timedelta(hours=12):
        found.append(_refused("autoMitigate", True, "expected false beyond a frequency of PT12H"))
    return found


def _query(rule: AlertRuleValues) -> list[Refusal]:
    code = code_only(rule.query)
    found = [
        _refused("query", each[1], "expected no bag_unpack, pivot or narrow in a log alert")
        for each in _NEVER.finditer(code)
    ]
    found += [
        _refused("query", each[0], "expected ago() with a literal such as ago(15m)")
        for each in _AGO.finditer(code)
        if not _TIMESPAN.fullmatch(each[1].strip())
    ]
    if rule.evaluation_frequency == "PT1M":
        expectation = (
            "expected no search, union, take, limit, ingestion_time or adx at frequency PT1M"
        )
        found += [
            _refused("query", each[1] or each[2], expectation)
            for each in _NOT_EACH_MINUTE.finditer(code)
        ]
    if re.search(r"\bAggregatedValue\b", code):
        found.append(_refused("query", "AggregatedValue", "expected another name: it is reserved"))
    if rule.number_of_evaluation_periods > 1 and "TimeGenerated" not in code:
        expectation = "expected 1, or a query that keeps a datetime column"
        found.append(
            _refused("numberOfEvaluationPeriods", rule.number_of_evaluation_periods, expectation)
        )
    return found


def _refused(name: str, value: object, expected: str) -> Refusal:
    return Refusal(Place(property=name), "is refused by Azure", expected, value)
