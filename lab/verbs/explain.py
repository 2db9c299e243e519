"""`lab explain`: how many rows of a case are left after each step of a detection's query."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Annotated, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from components.content import detection as detections
from components.content import places
from components.content.detection import Detection
from components.limits.refusal import Place, Refusal, RefusedError, nearest
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.host.lab_folder import lab_folder
from lab.rehearsal import deployed_values, last_rehearsal
from lab.report import voice
from lab.report.plain_text import plain
from lab.trial import case_run
from lab.trial.case_trial import CaseTrial
from lab.trial.step_counts import Explanation, Step, explain, ticks
from lab.verbs.options import Json, Slug
from lab.verdict import comparison

_STEP: Final = 60
_STEP_WIDTH: Final = 40
_SAMPLE: Final = 70
_VALUE: Final = 40
_FRAME: Final = 8
"""Columns of the terminal between and around the table's own."""

_WORD: Final = re.compile(r"\w+")
_SERIES: Final = 20
_BOUNDARY: Final = "boundary:"


def command(
    slug: Slug,
    case: Annotated[
        str | None,
        typer.Option(
            help="A case by its file's name, or boundary:<name>; by default one that fires."
        ),
    ] = None,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="The rows of the last rehearsal instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """RefusedError when there is no such case; KustoError without a rehearsal."""
    detection = detections.load(slug)
    if rehearsal and case:
        raise RefusedError.of(
            "--case and --rehearsal are two things to explain", "expected one of them"
        )
    explanation = _rehearsed(detection) if rehearsal else _case(detection, case)
    if as_json:
        voice.give(json.dumps(explanation.as_json(), indent=1, default=str))
    else:
        _show(explanation)


def _case(detection: Detection, name: str | None) -> Explanation:
    found, broken = case_run.load(detection, places.CASES / detection.slug)
    known = {f"{_BOUNDARY * each.generated}{each.name}": each for each in found}
    if name is None:  # the first that must fire shows most
        name = next((case for case in sorted(known) if case.startswith("fires_")), None)
    if name is None or name not in known:
        if reasons := [each.reason for each in broken if each.name == name]:
            raise RefusedError.of(reasons[0])
        said = f"case {name!r} is unknown" if name else "no case is named"
        raise RefusedError.of(said, f"{nearest(name or '', known)} (--case), or --rehearsal")
    trial = CaseTrial(case_run.prepare([known[name]]))
    try:
        if trial.refused:
            raise RefusedError(Refusal(Place(known[name].where), f"{trial.refused[0]}"))
        rule = AlertRule.from_detection(detection)
        return explain(detection, name, trial.tables, trial.moments(rule, 0))
    finally:
        trial.close()


def _rehearsed(detection: Detection) -> Explanation:
    tables = last_rehearsal.rows()
    detection = deployed_values.as_deployed(detection, lab_folder() / "run")
    try:
        rule = AlertRule.from_detection(detection)
        first, last = last_rehearsal.span(tables, detection)
        return explain(detection, "the last rehearsal", tables, ticks(rule, first, last))
    finally:
        tables.close()


def _show(found: Explanation) -> None:
    length = str(found.end - found.start).removesuffix(":00")
    voice.say(
        f"{found.slug}, {found.subject}: evaluated at {found.end:%A %H:%M:%S}, window of {length}"
    )
    wide = max([len("rows"), *(len(str(step.rows)) for step in found.steps)])
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    # Widths that add up to the terminal's: else a count would be shortened with the rest.
    room = voice.out.width - wide - _FRAME
    step_width = min(_STEP_WIDTH, room * 3 // 5)
    table.add_column("rows", justify="right", width=wide, no_wrap=True)
    table.add_column("step", overflow="fold", width=step_width)
    sample_width = max(min(_SAMPLE, room - step_width), 1)
    table.add_column("one row after it", overflow="fold", width=sample_width, style="dim")
    pipeline = None
    for step, sample in zip(found.steps, samples(found.steps), strict=True):
        if step.pipeline != pipeline:
            pipeline = step.pipeline
            table.add_row("", plain(f"let {pipeline}" if pipeline else "the query", "bold"), "")
        table.add_row(str(step.rows), plain(_cut(step.text, _STEP)), plain(_cut(sample, _SAMPLE)))
    voice.show(table)
    _measured(found)


def _measured(found: Explanation) -> None:
    if found.threshold is None:
        condition = "Azure learns the threshold"
    else:
        condition = f"fires when {comparison.condition(found.operator, found.threshold)}"
    if not found.series:
        voice.say(f"measured: nothing, no row is left; {condition}")
    ordered = sorted(found.series, key=lambda each: -each.value)
    for each in ordered[:_SERIES]:
        names = ", ".join(f"{name} {value}" for name, value in each.dimensions.items())
        verdict = "fires" if each.violated else "silent"
        whom = names or "the whole table"
        voice.say(f"measured: {each.value:g} for {whom}: {verdict} ({condition})")
    if len(ordered) > _SERIES:
        voice.say(f"{len(ordered)} time series; the highest {_SERIES} are shown")


def samples(steps: Sequence[Step]) -> Iterator[str]:
    """One row after each step: what the next step names comes first, then what any step names."""
    named = {word for step in steps for word in _WORD.findall(step.text)}
    for step, following in zip_longest(steps, steps[1:]):
        goes_on = following is not None and following.pipeline == step.pipeline
        soon = set(_WORD.findall(following.text)) if goes_on else set()
        told = [(name, value) for name, value in step.sample.items() if value not in ("", None)]
        told.sort(key=lambda pair: (pair[0] not in soon, pair[0] not in named))
        yield ", ".join(f"{name} {_cut(str(value), _VALUE)}" for name, value in told)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
