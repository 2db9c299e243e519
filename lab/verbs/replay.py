"""`lab replay`: recorded rows through the alert rules of a stack."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from components.content.places import ROOT
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.engine.in_process import Deployment, deploy
from lab.engine.throwaway import throwaway
from lab.rehearsal.deployed_detections import slug_of
from lab.report import terminal, voice
from lab.report.model import AlertEntry
from lab.report.model import Report as RehearsalReport
from lab.tuning.replay import Replay, replay
from lab.verbs import progress, refused_lines, report_files, stacks
from lab.verbs.exit_code import PASSED, WRONG
from lab.verbs.options import Delay, Report, Stack, minutes

SOMEBODY = {"initialUsers": json.dumps({"somebody": "a passphrase for nobody"})}
"""The stack wants a user; a replay has no app that could let anybody in."""


def command(
    logs: Annotated[
        Path,
        typer.Argument(help="JSON lines, or what az, the portal or the query API export."),
    ],
    report: Report = None,
    stack: Stack = "local",
    ingestion_delay: Delay = 3.0,
    table: Annotated[
        str | None, typer.Option(help="The log table of rows that do not name theirs.")
    ] = None,
    skip_refused: Annotated[
        bool, typer.Option(help="Lines that are refused are no failure.")
    ] = False,
) -> int:
    """Whether every line was a row that its table accepts."""
    stacks.refuse_unknown(stack)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)  # refused now rather than after the run
    began = time.perf_counter()
    with logs.open("rb") as lines:
        deployment, rules = rules_of(stack)
        with progress.shown() as tell:
            tell(f"replaying {logs}", 0.0)
            replayed = replay(
                lines,
                list(rules.values()),
                minutes(ingestion_delay),
                progress=lambda share: tell(f"replaying {logs}", share),
                table=table,
            )
    result = _report(deployment, rules, replayed, time.perf_counter() - began)
    terminal.show(result)
    for note in replayed.notes:
        voice.say(f"{logs}: {note}")
    if replayed.not_judged:
        slugs = {rule.name: slug for slug, rule in rules.items()}
        unjudged = ", ".join(slugs.get(name, name) for name in replayed.not_judged)
        voice.say(f"not judged, no row of their tables: {unjudged}")
    refused_lines.complain(logs, replayed.refused)
    if report is not None:
        report_files.write(result, [], report)
        voice.say(f"open {report_files.page(report)}")
    return WRONG if replayed.refused and not skip_refused else PASSED


def rules_of(stack: str) -> tuple[Deployment, dict[str, AlertRule]]:
    """The alert rules that the stack deploys, by slug."""
    with throwaway() as azure:
        deployment = deploy(ROOT, stack, azure, SOMEBODY)
        runners = azure.service(Evaluator).runners.values()
        return deployment, {slug_of(each) or each.rule.name: each.rule for each in runners}


def _report(
    deployment: Deployment, rules: dict[str, AlertRule], found: Replay, wall_s: float
) -> RehearsalReport:
    slugs = {rule.id: slug for slug, rule in rules.items()}
    started = found.started or datetime.fromtimestamp(0, UTC)
    return RehearsalReport(
        engine="inprocess",
        stack=deployment.stack,
        started=started,
        ended=max([found.ended or started, *(alert.fired_at for alert in found.alerts)]),
        resources=[
            {"type": each.token, "name": each.name, "id": each.id} for each in deployment.resources
        ],
        detections=[],
        alerts=[_entry(alert, slugs) for alert in found.alerts],
        false_alerts=[],
        figures={
            "rows": found.rows,
            "refused_lines": len(found.refused),
            "requests": 0,
            "virtual_s": round(((found.ended or started) - started).total_seconds()),
            "wall_s": round(wall_s, 1),
            "evaluations": found.evaluations,
        },
    )


def _entry(alert: Alert, slugs: dict[str, str]) -> AlertEntry:
    return AlertEntry(
        slug=slugs.get(alert.rule.id, alert.rule.name),
        dimensions=dict(alert.dimensions),
        severity=alert.severity,
        fired_at=alert.fired_at,
        resolved_at=alert.resolved_at,
        value=alert.value,
        delivered=(),
        scenario=None,
    )
