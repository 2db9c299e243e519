"""`lab record`: the rows of the last rehearsal that concern a detection, as a case of it."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from components.content import detection as detections
from components.content import places
from components.content.detection import Detection
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.azure.monitor.log_search.alert_rule import AlertRule, evaluate
from lab.cases import case_file
from lab.kusto.kusto_error import KustoError
from lab.rehearsal import last_rehearsal
from lab.report import voice
from lab.trial import case_run, recording
from lab.trial.case_trial import CaseTrial
from lab.trial.recording import Row
from lab.trial.step_counts import nearest_moment, ticks
from lab.verbs.options import Slug

_SENTENCE: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_NAME: Final = "as_in_a_rehearsal"


def command(
    slug: Slug,
    name: Annotated[
        str | None, typer.Option(help="A sentence for the file's name, in small letters.")
    ] = None,
    fires: Annotated[
        bool | None,
        typer.Option("--fires/--silent", help="What the rows must do; by default what they do."),
    ] = None,
) -> None:
    """Writes one file; RefusedError or KustoError when there is nothing to record, or no name."""
    detection = detections.load(slug)
    sentence = (name or _NAME).strip().lower().replace(" ", "_").removesuffix(".")
    if not _SENTENCE.fullmatch(sentence):
        raise RefusedError.of(
            f"name {name!r} is not allowed", "expected words of letters and digits"
        )
    rows, fired = _recorded(detection)
    if fires is not None and fires != fired:
        said = "fires" if fired else "stays silent"
        raise RefusedError.of(
            f"--{('fires' if fires else 'silent')} is not what the rows do: {slug} {said} on them",
            "expected the other, or a rehearsal with other traffic",
        )
    kind = "fires" if fired else "silent"
    path = places.CASES / slug / f"{kind}_{sentence}.jsonl"
    if path.exists():
        raise RefusedError.of(f"{shown(path)} exists", "expected another --name")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(recording.lines(rows), encoding="utf-8")
    voice.say(f"wrote {shown(path)}, {len(rows)} rows")
    voice.say(f"next: python -m lab test {slug}")


def _recorded(detection: Detection) -> tuple[list[Row], bool]:
    """The rows of the moment nearest to an alert, and whether the rule fires on them."""
    tables = last_rehearsal.rows()
    try:
        rule = AlertRule.from_detection(detection)
        first, last = last_rehearsal.span(tables, detection)
        now = nearest_moment(rule, tables, ticks(rule, first, last))
        ranked = sorted(evaluate(rule, tables, now), key=lambda each: (each.violated, each.value))
        seen = recording.rows(tables, detection, now)
    finally:
        tables.close()
    if not seen:
        raise KustoError(
            f"no row of the last rehearsal concerns {detection.slug}; run one with its attack"
            f" (python -m lab rehearse --only {detection.slug})"
        )
    fired = bool(ranked and ranked[-1].violated)

    def same(rows: Sequence[Row]) -> bool:
        return _fires(detection, rows) == fired

    found = [recording.masked(row) for row in seen]
    kept = recording.trimmed(found, ranked[-1] if ranked else None, same)
    if not same(kept):
        raise RefusedError(
            why_not(detection, recording.changed_by_masking(seen, same), fired=fired)
        )
    return kept, fired


def why_not(detection: Detection, masked: Sequence[str], *, fired: bool) -> Refusal:
    """Why the rows of one window, without secrets, do not repeat the rehearsal."""
    did = "fired" if fired else "stayed silent"
    where = Place(f"tests/detections/{detection.slug}/")
    if masked:
        return Refusal(
            where,
            f"the rows do not repeat that {detection.slug} {did}: its query depends on what was"
            f" masked in {', '.join(masked)} (tokens, sessions, passwords)",
            "expected a case written by hand with made-up values there",
        )
    return Refusal(
        where,
        f"the rows do not repeat that {detection.slug} {did}: nothing that was masked matters, it"
        " depends on more than the rows of one window, such as when they arrived",
        "expected a case written by hand",
    )


def _fires(detection: Detection, rows: Sequence[Row]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fires_trial.jsonl"
        path.write_text(recording.lines(rows), encoding="utf-8")
        case = case_file.load(path, detection.slug)
    trial = CaseTrial(case_run.prepare([case]))
    try:
        return bool(trial.outcome(AlertRule.from_detection(detection), 0).alerts)
    finally:
        trial.close()
