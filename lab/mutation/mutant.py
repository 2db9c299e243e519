"""The mutants of a detection or a function: which there are, and the rule of each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import Final, Literal

from components.content.detection import Detection
from components.content.kql_function import FUNCTIONS, KqlFunction
from components.limits.alert_rule import MAX_RANGE, WINDOWS, duration
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.mutation import edit

Kind = Literal["threshold", "window", "filter", "dimension"]
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Mutant:
    """A changed rule; `id` says the change and stays the same while what it changes does.

    `line` is the line of the file where the change is, None in the head; `removed` the condition
    or the column that is gone.
    """

    id: str
    kind: Kind
    rule: AlertRule
    line: int | None = None
    removed: str = ""


def of_detection(detection: Detection, worth: float = 1.0) -> list[Mutant]:
    """Every mutant of the head and of the query; `worth` is the measure of a unit of evidence."""
    return list(chain(_of_head(detection, worth), _of_query(detection)))


def of_function(function: KqlFunction, detection: Detection) -> list[Mutant]:
    """The detection with each condition of a function that it uses dropped."""
    path = FUNCTIONS / f"{function.name}.kql"
    above = _above(function.body, path.read_text(encoding="utf-8"))
    return [
        Mutant(
            f"{function.name}: {each.what}",
            "filter",
            _with_query(detection, _inlined(detection, replace(function, body=each.text))),
            each.line + above,
            each.removed,
        )
        for each in edit.filters(function.body)
    ]


def _of_head(detection: Detection, worth: float) -> Iterator[Mutant]:
    rule = AlertRule.from_detection(detection)
    if detection.threshold is not None:
        for sign, step in (("+", worth), ("-", -worth)):
            changed = replace(rule, threshold=detection.threshold + step)
            yield Mutant(f"threshold {sign}{worth:g}", "threshold", changed)
    for name, window in _windows(detection):
        changed = replace(rule, window=duration(window), window_size=window)
        yield Mutant(f"window {name} to {window}", "window", changed)
    for dimension in rule.dimensions:
        kept = tuple(each for each in rule.dimensions if each is not dimension)
        changed = replace(rule, dimensions=kept)
        yield Mutant(f"drop dimension {dimension.name}", "dimension", changed)


def _of_query(detection: Detection) -> Iterator[Mutant]:
    above = _above(detection.query, detection.path.read_text(encoding="utf-8"))
    kinds: tuple[tuple[Kind, list[edit.Edit]], ...] = (
        ("filter", edit.filters(detection.query)),
        ("dimension", edit.groupings(detection.query)),
    )
    for kind, edits in kinds:
        for each in edits:
            changed = replace(detection, query=each.text)
            rule = _with_query(detection, changed.rendered_query())
            yield Mutant(each.what, kind, rule, each.line + above, each.removed)


def _windows(detection: Detection) -> Iterator[tuple[str, str]]:
    """The nearest of Azure's values at half the window and below, at double and above."""
    window, frequency = duration(detection.window), duration(detection.frequency)
    known = [each for each in WINDOWS if each != "PT1M" or frequency == _MINUTE]
    shorter = [each for each in known if frequency <= duration(each) <= window / 2]
    longest = MAX_RANGE / detection.failing_periods
    longer = [each for each in known if 2 * window <= duration(each) <= longest]
    if shorter:
        yield "halved", max(shorter, key=duration)
    if longer:
        yield "doubled", min(longer, key=duration)


def _with_query(detection: Detection, query: str) -> AlertRule:
    return replace(AlertRule.from_detection(detection), query=query)


def _inlined(detection: Detection, changed: KqlFunction) -> str:
    functions = tuple(
        changed if each.name == changed.name else each for each in detection.functions
    )
    return replace(detection, functions=functions).rendered_query()


def _above(body: str, text: str) -> int:
    """How many lines of a file stand above its body."""
    return text.count("\n", 0, max(0, text.find(body)))
