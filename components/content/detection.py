"""A detection: one file of `kql/detections/`, its head checked against what Azure accepts.

Pure: no pulumi. The Pulumi program, the settings and the lab all read detections here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from components.content import detection_head, kql_file, kql_function, login_sources, places
from components.content.detection_head import HEAD_KEYS
from components.content.kql_file import KqlFile
from components.content.kql_function import KqlFunction
from components.content.login_sources import DEFAULT, EVENTS, Lack
from components.limits import alert_rule
from components.limits.alert_rule import AlertRuleValues
from components.limits.refusal import NOWHERE, Place, Refusal, RefusedError, nearest

DETECTIONS = places.KQL / "detections"

_OVERRIDES = ("enabled", "frequency", "sensitivity", "severity", "threshold", "window")
_HEAD_KEY_OF = {
    "evaluationFrequency": "frequency",
    "windowSize": "window",
    "timeAggregation": "measure",
    "metricMeasureColumn": "measure",
    "numberOfEvaluationPeriods": "failing_periods",
    "minFailingPeriodsToAlert": "failing_periods",
    "alertSensitivity": "sensitivity",
}
_OPERATORS_OF_DYNAMIC = {"GreaterThanOrEqual": "GreaterThan", "LessThanOrEqual": "LessThan"}


OPTIONAL_TABLES: Final = {
    "_LogOperation": "a daily cap (dailyCapGb)",
    "AzureActivity": "the subscription's activity log (activityLog)",
    "PGSQLServerLogs": "a database (database)",
}
"""Log tables that only some stacks fill, and what fills them."""


@dataclass(frozen=True)
class Detection:
    """What the head and the query say; durations stay ISO 8601, as Azure takes them."""

    slug: str
    path: Path
    name: str
    description: str
    severity: int
    status: str
    frequency: str
    window: str
    measure_column: str | None
    aggregation: str
    operator: str
    threshold: float | None
    dimensions: tuple[str, ...]
    min_failing_periods: int
    failing_periods: int
    tables: tuple[str, ...]
    attack: tuple[str, ...]
    confidence: int
    false_positives: tuple[str, ...]
    blind_spots: tuple[str, ...]
    response: str
    query: str
    functions: tuple[KqlFunction, ...]
    essential: bool = False
    enabled: bool = True
    sensitivity: str | None = None
    """Low, Medium or High of a dynamic threshold; None for a static one."""
    needs: tuple[str, ...] = ()
    """What login events must tell for it, of kql_function.TELLS."""
    lack: Lack | None = None
    """Why it would see no login event, where no source of the stack tells what it needs."""

    @property
    def is_dynamic(self) -> bool:
        """Whether Azure learns the threshold by itself."""
        return self.sensitivity is not None

    def rendered_query(self) -> str:
        """The query as Azure gets it: the functions it uses as `let` statements, then the body."""
        return "\n".join([*(function.as_let() for function in self.functions), self.query])

    def rule_values(self) -> AlertRuleValues:
        """The values that Azure's limits speak about."""
        return AlertRuleValues(
            severity=self.severity,
            evaluation_frequency=self.frequency,
            window_size=self.window,
            time_aggregation=self.aggregation,
            operator=self.operator,
            threshold=self.threshold,
            query=self.rendered_query(),
            metric_measure_column=self.measure_column,
            dimensions=self.dimensions,
            number_of_evaluation_periods=self.failing_periods,
            min_failing_periods=self.min_failing_periods,
            description=self.description,
            alert_sensitivity=self.sensitivity,
        )


def load_all(
    folder: Path = DETECTIONS,
    functions: Mapping[str, KqlFunction] | None = None,
    sources: Sequence[str] = DEFAULT,
) -> dict[str, Detection]:
    """Every detection of the folder by slug; RefusedError has what is wrong with all files.

    `sources`: where login events come from.
    """
    found, refusals = load_readable(folder, functions, sources)
    if refusals:
        raise RefusedError(*refusals)
    return found


def load_readable(
    folder: Path = DETECTIONS,
    functions: Mapping[str, KqlFunction] | None = None,
    sources: Sequence[str] = DEFAULT,
) -> tuple[dict[str, Detection], list[Refusal]]:
    """The detections that can be read, by slug, and what is wrong with each of the other files.

    RefusedError when a function cannot be read: any of them may need it.
    """
    known = kql_function.load_all() if functions is None else functions
    return kql_file.each_readable(folder, lambda path: read(path, known, sources))


def slugs() -> list[str]:
    """The slugs of all detections, whether they can be read or not."""
    return sorted(each.stem for each in DETECTIONS.glob("*.kql"))


def refuse_unknown(slugs: Iterable[str], known: Collection[str]) -> None:
    """RefusedError when a slug is none of the known ones."""
    unknown = [
        Refusal(NOWHERE, f"detection {slug!r} is unknown", nearest(slug, known))
        for slug in dict.fromkeys(slugs)
        if slug not in known
    ]
    if unknown:
        raise RefusedError(*unknown)


def load(slug: str, sources: Sequence[str] = DEFAULT) -> Detection:
    """The detection of a slug; other files are not looked at."""
    refuse_unknown([slug], slugs())
    return read(DETECTIONS / f"{slug}.kql", kql_function.load_all(), sources)


def choose(selection: str | Sequence[str], sources: Sequence[str] = DEFAULT) -> list[Detection]:
    """`essential` (those whose head says so), `all`, or the slugs of a list in its order."""
    known = load_all(sources=sources)
    if selection == "all":
        return list(known.values())
    if selection == "essential":
        return [each for each in known.values() if each.essential]
    if isinstance(selection, str):
        expected = f"expected essential, all or a list of slugs ({', '.join(known)})"
        raise RefusedError(Refusal(Place(key="detections"), "is not a choice", expected, selection))
    refuse_unknown(selection, known)
    return [known[slug] for slug in dict.fromkeys(selection)]


def override(detection: Detection, changes: Mapping[str, object]) -> Detection:
    """The detection with a stack's own values; the result must again be what Azure accepts.

    A sensitivity makes a static threshold dynamic, a threshold makes a dynamic one static.
    """
    refusals = []
    for key, value in changes.items():
        where = Place(key=key)
        if key not in _OVERRIDES:
            refusals.append(Refusal(where, "cannot be overridden", nearest(key, _OVERRIDES)))
        elif key == "enabled" and not isinstance(value, bool):
            refusals.append(Refusal(where, "is not allowed", "expected true or false", value))
        elif key in HEAD_KEYS:
            refusals += HEAD_KEYS[key].refusals(value, where)
    refusals = refusals or _mixtures(detection, changes)
    changed = detection
    if not refusals:
        changed = replace(detection, **_as_fields(detection, changes))
        refusals = [
            replace(each, where=Place(key=_head_key(each)))
            for each in alert_rule.refusals(changed.rule_values())
        ]
    if refusals:
        raise RefusedError(*(each.below(detection.slug) for each in refusals))
    return changed


def _mixtures(detection: Detection, changes: Mapping[str, object]) -> list[Refusal]:
    """What cannot be switched between the two forms of a threshold."""
    threshold, sensitivity = changes.get("threshold"), changes.get("sensitivity")
    if threshold == detection_head.DYNAMIC and sensitivity is None and not detection.is_dynamic:
        expected = f"expected {HEAD_KEYS['sensitivity'].expectation}"
        return [Refusal(Place(key="sensitivity"), "is missing", expected)]
    if sensitivity is not None and threshold not in (None, detection_head.DYNAMIC):
        what = "has no use beside a sensitivity"
        return [Refusal(Place(key="threshold"), what, "expected one of the two", threshold)]
    if sensitivity is not None and not detection.is_dynamic and detection.dimensions:
        # Azure learns each combination of values by itself; an attacker's is new every time.
        what = f"cannot work per {', '.join(detection.dimensions)}"
        expected = (
            "expected it on a detection of the whole app: what is new has no history to learn from"
        )
        return [Refusal(Place(key="sensitivity"), what, expected, sensitivity)]
    if isinstance(threshold, (int, float)) and detection.operator == "GreaterOrLessThan":
        what = f"cannot work with {detection.operator}"
        expected = f"expected threshold: {detection_head.DYNAMIC}"
        return [Refusal(Place(key="threshold"), what, expected, threshold)]
    return []


def _as_fields(detection: Detection, changes: Mapping[str, object]) -> dict[str, Any]:
    """The fields that the changes set, those that follow from them among them."""
    fields: dict[str, Any] = dict(changes)
    if fields.get("threshold") == detection_head.DYNAMIC:
        fields["threshold"] = None
    if fields.get("sensitivity"):
        fields["threshold"] = None
        fields["operator"] = _OPERATORS_OF_DYNAMIC.get(detection.operator, detection.operator)
    elif fields.get("threshold") is not None:
        fields["sensitivity"] = None
    return fields


def read(
    path: Path, functions: Mapping[str, KqlFunction], sources: Sequence[str] = DEFAULT
) -> Detection:
    """The detection of one file; RefusedError has everything that is wrong with it.

    Of the sources of login events it reads those that tell what it needs.
    """
    file = kql_file.read(path)
    if refusals := detection_head.refusals(file):
        raise RefusedError(*refusals)
    detection = _built(file, kql_function.used_by(file.body, functions))
    if tuple(sources) != DEFAULT and EVENTS in {each.name for each in detection.functions}:
        detection = _reading(detection, functions, tuple(sources))
    if refusals := alert_rule.refusals(detection.rule_values()):
        raise RefusedError(*(replace(each, where=file.where(_head_key(each))) for each in refusals))
    return detection


def _reading(
    detection: Detection, functions: Mapping[str, KqlFunction], sources: tuple[str, ...]
) -> Detection:
    """The detection with its login events from these sources."""
    able = login_sources.able(sources, detection.needs, functions)
    made = login_sources.united(functions, able or sources)
    used = kql_function.used_by(detection.query, made)
    return replace(
        detection,
        functions=used,
        tables=login_sources.tables_read(detection.query, detection.tables, used),
        lack=login_sources.lack(detection.slug, sources, detection.needs, functions),
    )


def _built(file: KqlFile, functions: tuple[KqlFunction, ...]) -> Detection:
    head: dict[str, Any] = file.head
    measure = head["measure"] if isinstance(head["measure"], dict) else {}
    periods = head.get("failing_periods", {"min": 1, "of": 1})
    return Detection(
        slug=file.path.stem,
        path=file.path,
        name=_line_of_text(head["name"]),
        description=_line_of_text(head["description"]),
        severity=head["severity"],
        status=head["status"],
        frequency=head["frequency"],
        window=head["window"],
        measure_column=measure.get("column"),
        aggregation=measure.get("aggregation", "Count"),
        operator=head["operator"],
        threshold=None if head["threshold"] == detection_head.DYNAMIC else head["threshold"],
        sensitivity=head.get("sensitivity"),
        dimensions=tuple(head["dimensions"]),
        min_failing_periods=periods["min"],
        failing_periods=periods["of"],
        tables=tuple(head["tables"]),
        attack=tuple(head["attack"]),
        confidence=head["confidence"],
        false_positives=tuple(head["false_positives"]),
        blind_spots=tuple(head["blind_spots"]),
        response=_line_of_text(head["response"]),
        query=file.body,
        functions=functions,
        essential=head.get("essential", False),
        needs=tuple(head.get("needs", ())),
    )


def _line_of_text(value: str) -> str:
    return " ".join(value.split())


def _head_key(refusal: Refusal) -> str:
    """The key of the head that says what ARM has in a property."""
    name = refusal.where.property
    return _HEAD_KEY_OF.get(name, name)
