"""Runs the cases of detections: the written ones (lab/case_file.py) and the generated boundaries.

Login events become lines of AppServiceConsoleLogs through the app's own serializer. The rule is
evaluated at every tick, statefully, as Azure does.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.content import detection as detections
from components.content import kql_function
from components.content.detection import Detection
from components.content.places import CASES
from components.limits.refusal import RefusedError, nearest, shown
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.cases import boundaries, boundary_seed, case_file, todo
from lab.cases.case_file import START, Case
from lab.cases.case_pattern import CaseRow
from lab.logs import login_lines
from lab.trial import rule_fault
from lab.trial.case_trial import CaseTrial

__all__ = ["CaseResult", "load", "prepare", "run"]

Prepared = tuple[Case, list[CaseRow]]
"""A case and its rows, login events as the lines that the app prints for them."""


@dataclass(frozen=True)
class CaseResult:
    """What a case came to; `reason` says why it did not pass.

    `wrong` when there was nothing to judge: the case, its seed or its detection cannot be read.
    """

    slug: str
    name: str
    passed: bool
    reason: str = ""
    generated: bool = False
    alerts: list[dict[str, str]] = field(default_factory=list)
    wrong: bool = False


def run(slugs: Sequence[str] = (), folder: Path = CASES) -> list[CaseResult]:
    """Every case and boundary of the detections, of all of them by default.

    A case or a detection that cannot be read is a failed result; the rest still runs. An unknown
    slug among `slugs` is a RefusedError.
    """
    chosen, results = _chosen(slugs)
    cases: list[Case] = []
    for detection in chosen:
        found, broken = load(detection, folder / detection.slug)
        cases += found
        results += broken
    if not slugs:
        results += _strangers(folder)
    results += [
        CaseResult(detection.slug, "-", False, place)
        for detection in chosen
        for place in todo.places(detection.slug, folder)
    ]
    prepared = prepare(cases)
    for detection in chosen:
        results += _judge(detection, [each for each in prepared if each[0].slug == detection.slug])
    return results


def load(detection: Detection, folder: Path) -> tuple[list[Case], list[CaseResult]]:
    """The written and the generated cases of a detection, and those that cannot be read."""
    cases: list[Case] = []
    broken: list[CaseResult] = []
    files = [
        path for path in sorted(folder.glob("*.*")) if path.name not in boundary_seed.NOT_CASES
    ]
    for path in files:
        try:
            cases.append(case_file.load(path, detection.slug))
        except (RefusedError, OSError) as error:
            broken.append(CaseResult(detection.slug, path.stem, False, str(error), wrong=True))
    try:
        cases += [
            Case(
                detection.slug,
                each.name,
                f"{shown(folder / boundaries.FILE)}, {each.name}",
                each.fires,
                each.rows,
                generated=True,
                judged=each.judged,
            )
            for each in boundaries.generate(detection, folder)
        ]
    except RefusedError as error:
        broken.append(CaseResult(detection.slug, "boundary", False, str(error), True, wrong=True))
    return cases, broken


def prepare(cases: Sequence[Case]) -> list[Prepared]:
    """Each case with its rows as they go into the log tables; the serializer runs once for all."""
    events = [
        (START + row.offset, _complete(row.values, f"{case.slug}/{case.name}/{number}"))
        for case in cases
        for number, row in enumerate(case.rows)
        if row.event
    ]
    lines = iter(login_lines.lines(events))
    return [
        (
            case,
            [
                CaseRow(row.offset, row.delay, row.table, {"ResultDescription": next(lines)})
                if row.event
                else row
                for row in case.rows
            ],
        )
        for case in cases
    ]


def _chosen(slugs: Sequence[str]) -> tuple[list[Detection], list[CaseResult]]:
    """The detections that can be read, and a failed result for each that cannot."""
    paths = {path.stem: path for path in sorted(detections.DETECTIONS.glob("*.kql"))}
    detections.refuse_unknown(slugs, paths)
    functions = kql_function.load_all()
    chosen: list[Detection] = []
    broken: list[CaseResult] = []
    for slug in dict.fromkeys(slugs or paths):
        try:
            chosen.append(detections.read(paths[slug], functions))
        except RefusedError as error:
            broken.append(CaseResult(slug, "-", False, str(error), wrong=True))
    return chosen, broken


def _strangers(folder: Path) -> list[CaseResult]:
    known = [path.stem for path in detections.DETECTIONS.glob("*.kql")]
    return [
        CaseResult(
            path.name,
            "-",
            False,
            f"detection {path.name!r} is unknown; {nearest(path.name, known)} ({shown(path)})",
            wrong=True,
        )
        for path in sorted(folder.iterdir())
        if path.is_dir() and path.name not in known and not path.name.startswith("__")
    ]


def _complete(event: Mapping[str, Any], name: str) -> dict[str, Any]:
    complete = dict(event)
    if complete["EventResult"] == "Failure" and not complete["EventResultDetails"]:
        complete["EventResultDetails"] = "Incorrect password"
    if not complete["EventOriginalUid"]:
        complete["EventOriginalUid"] = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    return complete


def _judge(detection: Detection, prepared: Iterable[Prepared]) -> list[CaseResult]:
    trial = CaseTrial(list(prepared))
    rule = AlertRule.from_detection(detection)
    results = [
        CaseResult(
            detection.slug,
            trial.cases[number].name,
            False,
            str(reason),
            trial.cases[number].generated,
            wrong=True,
        )
        for number, reason in trial.refused.items()
    ]
    try:
        if faults := rule_fault.find(detection, rule, trial.tables):
            # Each case would say the same.
            return [CaseResult(detection.slug, "-", False, each, wrong=True) for each in faults]
        for number, outcome in trial.outcomes(rule, range(len(trial.cases))):
            case = trial.cases[number]
            reason = outcome.reason(case, rule)
            results.append(
                CaseResult(case.slug, case.name, not reason, reason, case.generated, outcome.alerts)
            )
    finally:
        trial.close()
    return results
