"""Runs the cases of detections: the written ones (lab/case_file.py) and the generated boundaries.

Login events become lines of AppServiceConsoleLogs through the app's own serializer. The rule is
evaluated at every tick, statefully, as Azure does.
"""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from components import detection as detections
from components.detection import Detection
from components.kql_file import nearest, shown
from lab import boundaries, case_file, login_lines
from lab.azure.log_row import LogRowError
from lab.azure.log_tables import LogTables
from lab.azure.monitor.alert import Alert, Condition
from lab.azure.monitor.alert_rule import AlertRule, AlertRuleError, Series, evaluate
from lab.azure.monitor.alert_state import AlertRuleRunner
from lab.azure.monitor.service import next_tick
from lab.case_file import START, Case
from lab.case_pattern import CaseError, CaseRow

CASES: Final = Path(__file__).resolve().parent.parent / "tests" / "detections"

_WEEK: Final = timedelta(weeks=1)
_INSTANT: Final = timedelta(microseconds=1)
_CLOCK: Final = re.compile(r"\b(now|ago)\s*\(")

__all__ = ["CASES", "CaseError", "CaseResult", "run"]


@dataclass(frozen=True)
class CaseResult:
    """What a case came to; `reason` says why it did not pass."""

    slug: str
    name: str
    passed: bool
    reason: str = ""
    generated: bool = False
    alerts: list[dict[str, str]] = field(default_factory=list)


def run(slugs: Sequence[str] = (), folder: Path = CASES) -> list[CaseResult]:
    """Every case and boundary of the detections, of all of them by default.

    A case that cannot be read is a failed result; the rest still runs. An unknown slug among
    `slugs` is a DetectionError.
    """
    chosen = detections.choose(list(slugs) if slugs else "all")
    known = detections.load_all()
    cases: list[Case] = []
    results: list[CaseResult] = []
    for detection in chosen:
        found, broken = _cases_of(detection, folder / detection.slug)
        cases += found
        results += broken
    if not slugs:
        results += _strangers(folder, known)
    rows = _with_lines(cases)
    for detection in chosen:
        own = [(case, rows[id(case)]) for case in cases if case.slug == detection.slug]
        results += _judge(detection, own)
    return results


def _cases_of(detection: Detection, folder: Path) -> tuple[list[Case], list[CaseResult]]:
    cases: list[Case] = []
    broken: list[CaseResult] = []
    files = [path for path in sorted(folder.glob("*.*")) if path.name != boundaries.FILE]
    for path in files:
        try:
            cases.append(case_file.load(path, detection.slug))
        except (CaseError, OSError) as error:
            broken.append(CaseResult(detection.slug, path.stem, False, str(error)))
    try:
        cases += [
            Case(
                detection.slug,
                each.name,
                f"{shown(folder / boundaries.FILE)}, {each.name}",
                each.fires,
                each.rows,
                generated=True,
            )
            for each in boundaries.generate(detection, folder)
        ]
    except CaseError as error:
        broken.append(CaseResult(detection.slug, "boundary", False, str(error), True))
    return cases, broken


def _strangers(folder: Path, known: Iterable[str]) -> list[CaseResult]:
    known = list(known)
    return [
        CaseResult(
            path.name,
            "-",
            False,
            f"detection {path.name!r} is unknown; {nearest(path.name, known)} ({shown(path)})",
        )
        for path in sorted(folder.iterdir())
        if path.is_dir() and path.name not in known and not path.name.startswith("__")
    ]


def _with_lines(cases: Sequence[Case]) -> dict[int, list[CaseRow]]:
    """The rows of each case, login events as the lines that the app prints for them."""
    events = [
        (START + row.offset, _complete(row.values, f"{case.slug}/{case.name}/{number}"))
        for case in cases
        for number, row in enumerate(case.rows)
        if row.event
    ]
    lines = iter(login_lines.lines(events))
    return {
        id(case): [
            CaseRow(row.offset, row.delay, row.table, {"ResultDescription": next(lines)})
            if row.event
            else row
            for row in case.rows
        ]
        for case in cases
    }


def _complete(event: Mapping[str, Any], name: str) -> dict[str, Any]:
    complete = dict(event)
    if complete["EventResult"] == "Failure" and not complete["EventResultDetails"]:
        complete["EventResultDetails"] = "Incorrect password"
    if not complete["EventOriginalUid"]:
        complete["EventOriginalUid"] = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    return complete


def _judge(detection: Detection, cases: Sequence[tuple[Case, list[CaseRow]]]) -> list[CaseResult]:
    """All cases of a detection share tables, so that the query is translated once."""
    tables = LogTables()
    rule = AlertRule.from_detection(detection)
    try:
        return [
            _result(case, rule, tables, rows, START + _WEEK * number)
            for number, (case, rows) in enumerate(cases)
        ]
    finally:
        tables.close()


def _result(
    case: Case, rule: AlertRule, tables: LogTables, rows: Sequence[CaseRow], start: datetime
) -> CaseResult:
    fired: list[Alert] = []

    def keep(alert: Alert, condition: Condition) -> None:
        if condition == "Fired":
            fired.append(alert)

    try:
        _write(tables, rows, start)
    except LogRowError as error:
        return CaseResult(case.slug, case.name, False, f"{error} ({case.where})", case.generated)
    runner = AlertRuleRunner(rule, tables, keep)
    try:
        _tick_through(runner, tables, rows, start)
    except AlertRuleError as error:
        return CaseResult(case.slug, case.name, False, f"{error} ({case.where})", case.generated)
    seen = [dict(alert.dimensions) for alert in fired]
    reason = _reason(case, rule, seen, runner.closest)
    return CaseResult(case.slug, case.name, not reason, reason, case.generated, seen)


def _tick_through(
    runner: AlertRuleRunner, tables: LogTables, rows: Sequence[CaseRow], start: datetime
) -> None:
    """Every tick from the first row until the last has left the window.

    A tick that sees the very same rows as the one before has the same result.
    """
    rule = runner.rule
    times = [(start + row.offset, start + row.offset + row.delay) for row in rows]
    now = next_tick(min(times)[0] - _INSTANT, rule.frequency)
    end = max(times)[0] + rule.lookback
    before: list[bool] = []
    series: list[Series] = []
    while now <= end:
        seen = [now - rule.lookback < made <= now and arrived <= now for made, arrived in times]
        if seen != before or _CLOCK.search(rule.query):
            series = evaluate(rule, tables, now)
        runner.advance(now, series)
        before = seen
        now += rule.frequency


def _write(tables: LogTables, rows: Sequence[CaseRow], start: datetime) -> None:
    """Each case has a week of its own, so that no window holds rows of two."""
    for name in {row.table for row in rows}:
        own = [row for row in rows if row.table == name]
        stamped = [{**row.values, "TimeGenerated": start + row.offset} for row in own]
        tables.write(name, stamped, [start + row.offset + row.delay for row in own])


def _reason(
    case: Case, rule: AlertRule, seen: Sequence[dict[str, str]], closest: Series | None
) -> str:
    nearest_value = (
        f"nearest was {closest.value:g} of {rule.threshold:g} for {_shown(closest.dimensions)}"
        if closest
        else "no time series at all"
    )
    if case.fires and not seen:
        return f"no alert; {nearest_value} ({case.where})"
    if not case.fires and seen:
        return f"{len(seen)} alerts, first for {_shown(seen[0])}; {nearest_value} ({case.where})"
    if case.alerts is not None and _sorted(case.alerts) != _sorted(seen):
        return (
            f"alerts for {'; '.join(map(_shown, _sorted(seen)))};"
            f" expected {'; '.join(map(_shown, _sorted(case.alerts)))} ({case.where})"
        )
    return ""


def _sorted(alerts: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(alerts, key=lambda each: sorted(each.items()))


def _shown(dimensions: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in dimensions.items()) or "the whole table"
