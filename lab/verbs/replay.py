"""`lab replay`: recorded rows through the alert rules of a stack."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from components.content import login_sources
from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.engine.deploy_error import DeployError
from lab.engine.in_process import Deployment, deploy
from lab.engine.stack_config import Project, examined
from lab.engine.throwaway import throwaway
from lab.logs.log_tables import LogTables
from lab.logs.told_logins import found_in, told
from lab.rehearsal.deployed_detections import slug_of
from lab.report import terminal, voice
from lab.report.model import AlertEntry, LoginsEntry
from lab.report.model import Report as RehearsalReport
from lab.tuning.replay import Recording, Replay, read, run
from lab.verbs import progress, refused_lines, report_files, stacks
from lab.verbs.exit_code import PASSED, WRONG
from lab.verbs.options import Delay, Report, Stack, minutes
from lab.verdict import login_sight

SOMEBODY = {"initialUsers": json.dumps({"somebody": "a passphrase for nobody"})}
"""The stack wants a user; a replay has no app that could let anybody in."""

SOURCES = "loginSources"
"""The setting that names where login events come from."""
PAGE = "docs/sources.md"


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
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="Where login events are read, repeatable; the stack's loginSources, and what"
            " finds some where those find none."
        ),
    ] = None,
    skip_refused: Annotated[
        bool, typer.Option(help="Lines that are refused are no failure.")
    ] = False,
) -> int:
    """Whether every line was a row that its table accepts."""
    stacks.refuse_unknown(stack)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)  # refused now rather than after the run
    if source:
        login_sources.refuse_unknown(source, "--source")
    began = time.perf_counter()
    tables = LogTables()
    try:
        with logs.open("rb") as lines:
            recording = read(lines, tables, minutes(ingestion_delay), table)
        sources, why = _sources(recording, tables, stack, source or [])
        try:
            deployment, rules = rules_of(stack, sources)
        except (RefusedError, DeployError):
            if source or sources is None:
                raise
            # The stack asks by its slug for a detection that these cannot feed.
            why = f"{', '.join(sources)} would find login events here ({PAGE})."
            deployment, rules = rules_of(stack)
        with progress.shown() as tell:
            tell(f"replaying {logs}", 0.0)
            replayed = run(
                recording,
                tables,
                list(rules.values()),
                progress=lambda share: tell(f"replaying {logs}", share),
            )
        logins = _logins(recording, tables, rules, why)
    finally:
        tables.close()
    result = _report(deployment, rules, replayed, logins, time.perf_counter() - began)
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


def rules_of(
    stack: str, sources: Sequence[str] | None = None
) -> tuple[Deployment, dict[str, AlertRule]]:
    """The alert rules that the stack deploys, by slug; `sources` instead of its loginSources."""
    config = SOMEBODY if sources is None else SOMEBODY | {SOURCES: json.dumps(list(sources))}
    with throwaway() as azure:
        deployment = deploy(ROOT, stack, azure, config)
        runners = azure.service(Evaluator).runners.values()
        return deployment, {slug_of(each) or each.rule.name: each.rule for each in runners}


def _sources(
    recording: Recording, tables: LogTables, stack: str, asked: Sequence[str]
) -> tuple[Sequence[str] | None, str]:
    """Which sources are read instead of the stack's, None for its own, and why."""
    if asked or recording.seen is None:
        return asked or None, ""
    own = _own(stack)
    if not own or told(own, tables, recording.seen).events:
        return None, ""
    found = found_in(tables, recording.seen)
    if not found:
        return None, ""
    named = ", ".join(found)
    return found, (
        f"The stack {stack} reads {', '.join(own)}, which finds no login event here; {named} does,"
        f" and was read. For an app with such rows set {SOURCES}: [{named}] ({PAGE})."
    )


def _own(stack: str) -> list[str]:
    """The stack's loginSources; none where they are no sources, which the deployment will tell."""
    project = Project.read(ROOT)
    text = examined(project, stack, SOMEBODY).values.get(project.full_key(SOURCES), "")
    try:
        own = json.loads(text)
    except ValueError:
        return []
    offered = login_sources.known()
    are_known = isinstance(own, list) and all(
        isinstance(each, str) and each in offered for each in own
    )
    return own if are_known else []


def _logins(
    recording: Recording, tables: LogTables, rules: dict[str, AlertRule], why: str
) -> LoginsEntry | None:
    sources = login_sources.read_by(rule.query for rule in rules.values())
    if not sources or recording.seen is None:
        return None
    return login_sight.entry(rules, sources, tables, recording.seen, why)


def _report(
    deployment: Deployment,
    rules: dict[str, AlertRule],
    found: Replay,
    logins: LoginsEntry | None,
    wall_s: float,
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
        logins=logins,
        notices=[text for _, text in deployment.log if text.startswith("login_sources")],
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
