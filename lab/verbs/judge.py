"""`lab judge`: somebody's own alert rule, on the lab's attacks and ordinary days."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from components.limits import kql_text
from components.limits.alert_rule import AGGREGATIONS, FREQUENCIES, OPERATORS, WINDOWS, duration
from components.limits.refusal import RefusedError, nearest
from lab.exchange import rule_file
from lab.exchange.foreign_rule import ForeignRule
from lab.judge import own_lines, show, verdict
from lab.judge import scenes as all_scenes
from lab.judge.own_lines import OwnLines
from lab.judge.verdict import Judgment
from lab.report import voice
from lab.verbs import progress
from lab.verbs.exit_code import FAILED, PASSED
from lab.verbs.options import Json

_AGO: Final = re.compile(r"\bago\(\s*(\d+)(d|h|m)\s*\)")
_MINUTES: Final = {"d": 1440, "h": 60, "m": 1}
_SIGNS: Final = {
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqual",
    "<": "LessThan",
    "<=": "LessThanOrEqual",
    "=": "Equal",
    "==": "Equal",
}


def command(
    file: Annotated[
        Path,
        typer.Argument(
            help="Bare KQL, an ARM template or exported rule in JSON, Terraform, Sentinel's YAML."
        ),
    ],
    rule: Annotated[str, typer.Option(help="Which rule, where the file has several.")] = "",
    threshold: Annotated[float | None, typer.Option(help="Instead of the rule's own; 0.")] = None,
    operator: Annotated[
        str, typer.Option(help="GreaterThan and its like, or > >= < <= =; GreaterThan.")
    ] = "",
    window: Annotated[
        str, typer.Option(help="PT15M and its like; as long as the query's ago(), or PT5M.")
    ] = "",
    frequency: Annotated[str, typer.Option(help="PT5M and its like; PT5M.")] = "",
    dimensions: Annotated[str, typer.Option(help="Columns to split by: CIp,UserAgent.")] = "",
    measure: Annotated[str, typer.Option(help="rows, or Maximum:Hits and its like; rows.")] = "",
    failing_periods: Annotated[str, typer.Option(help="2/3: two of three periods; 1/1.")] = "",
    failure_line: Annotated[
        str,
        typer.Option(
            help="How an app of your own says that somebody failed:"
            ' "SIGN-IN REFUSED: {TargetUsername} from {SrcIpAddr}".'
        ),
    ] = "",
    success_line: Annotated[str, typer.Option(help="How it says that somebody got in.")] = "",
    as_json: Json = False,
) -> int:
    """Whether every rule is sound: catches an attack, and accuses nobody."""
    found = _chosen(rule_file.read(file), rule)
    changes = _changes(
        threshold=threshold,
        operator=operator,
        window=window,
        frequency=frequency,
        dimensions=dimensions,
        measure=measure,
        failing_periods=failing_periods,
    )
    lines = OwnLines(failure_line, success_line)
    judgments = _judged([_windowed(each, window).changed(changes) for each in found], lines)
    if as_json:
        record = {"rules": [each.as_json() for each in judgments]}
        voice.give(json.dumps(record, indent=1, ensure_ascii=False, default=str))
    else:
        for number, each in enumerate(judgments):
            if number:
                voice.say()
            show.show(each)
    return PASSED if all(each.is_sound for each in judgments) else FAILED


def _judged(rules: list[ForeignRule], lines: OwnLines) -> list[Judgment]:
    with progress.shown() as tell:
        tell("reading attacks and ordinary days", 0.0)
        scenes = own_lines.told(all_scenes.load(), lines)
        found = []
        for each in rules:
            say = partial(tell, f"judging {each.name}")
            found.append(verdict.judge(each, scenes, say))
        return found


def _chosen(rules: list[ForeignRule], name: str) -> list[ForeignRule]:
    if not name:
        return rules
    found = [each for each in rules if each.name == name]
    if not found:
        expected = nearest(name, {each.name for each in rules})
        raise RefusedError.of(f"rule {name!r} is not in {rules[0].place.file}", expected)
    return found


def _windowed(own: ForeignRule, window: str) -> ForeignRule:
    """A bare query that looks back by itself says how long its window is."""
    text = kql_text.without_comments(own.query)
    spans = [int(number) * _MINUTES[unit] for number, unit in _AGO.findall(text)]
    if window or "windowSize" in own.given or not spans:
        return own
    fitting = [each for each in WINDOWS if duration(each).total_seconds() / 60 >= max(spans)]
    return own.changed({"windowSize": fitting[0] if fitting else WINDOWS[-1]})


def _changes(
    *,
    threshold: float | None,
    operator: str,
    window: str,
    frequency: str,
    dimensions: str,
    measure: str,
    failing_periods: str,
) -> dict[str, Any]:
    """ARM's properties that the options set; RefusedError where one cannot be read."""
    changes: dict[str, Any] = {}
    if threshold is not None:
        changes |= {"threshold": threshold, "alertSensitivity": None}
    if operator:
        changes["operator"] = _one_of("operator", _SIGNS.get(operator, operator), OPERATORS)
    if window:
        changes["windowSize"] = _one_of("window", window, WINDOWS)
    if frequency:
        changes["evaluationFrequency"] = _one_of("frequency", frequency, FREQUENCIES)
    if names := [name.strip() for name in dimensions.split(",") if name.strip()]:
        changes["dimensions"] = [
            {"name": name, "operator": "Include", "values": ["*"]} for name in names
        ]
    if measure:
        changes |= _measure(measure)
    if failing_periods:
        changes["failingPeriods"] = _periods(failing_periods)
    return changes


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise RefusedError.of(
            f"--{option} {value!r} is not one of Azure's", nearest(value, allowed)
        )
    return value


def _measure(text: str) -> dict[str, Any]:
    if text == "rows":
        return {"timeAggregation": "Count", "metricMeasureColumn": None}
    aggregation, _, column = text.partition(":")
    if aggregation not in AGGREGATIONS[1:] or not column.strip():
        expected = (
            f"expected rows, or one of {', '.join(AGGREGATIONS[1:])} and a column: Total:Hits"
        )
        raise RefusedError.of(f"--measure {text!r} cannot be read", expected)
    return {"timeAggregation": aggregation, "metricMeasureColumn": column.strip()}


def _periods(text: str) -> dict[str, int]:
    least, _, of = text.partition("/")
    if not (least.strip().isdigit() and of.strip().isdigit()):
        raise RefusedError.of(
            f"--failing-periods {text!r} cannot be read", "expected two numbers such as 2/3"
        )
    return {"minFailingPeriodsToAlert": int(least), "numberOfEvaluationPeriods": int(of)}
