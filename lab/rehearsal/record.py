"""The report of a rehearsal that is over: what was judged, counted and sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from components.content import login_sources
from lab.azure import Azure
from lab.azure.monitor.metric.platform_rules import PlatformRules
from lab.azure.monitor.notify.inbox import Inbox
from lab.cost.rehearsed import bill
from lab.engine.in_process import Deployment
from lab.logs.log_tables import LogTables
from lab.logs.login_minutes import login_minutes
from lab.play.player import Player
from lab.rehearsal import not_judged, policy_check, rule_entries, sent_messages
from lab.report.model import LoginsEntry, Minute, Report
from lab.verdict import login_sight
from lab.verdict.verdict import Evidence, Judgement


@dataclass(frozen=True)
class Run:
    """What there is to tell of."""

    engine: str
    started: datetime
    is_whole: bool
    """Nobody asked for single detections."""
    azure: Azure
    inbox: Inbox
    deployment: Deployment
    player: Player
    evidence: Evidence
    judgement: Judgement
    rows_before: int
    """Rows of the day before, which are none of the run's."""
    wall_s: float
    program: str = ""
    """Folder of the program that was deployed; '' for this repository's own."""


def report(run: Run) -> Report:
    """Everything a rehearsal has to say, at the lab's time that it has come to."""
    judgement, requests, ended = run.judgement, run.player.requests, run.azure.clock.now
    resources = run.deployment.resources
    left = not_judged.entries(run.azure) if run.is_whole else []
    return Report(
        engine=run.engine,
        stack=run.deployment.stack,
        program=run.program,
        started=run.started,
        ended=ended,
        resources=[{"type": each.token, "name": each.name, "id": each.id} for each in resources],
        detections=[*judgement.detections, *left],
        alerts=judgement.alerts,
        false_alerts=judgement.false_alerts,
        platform_alerts=judgement.platform_alerts,
        figures={
            "rows": run.evidence.tables.count() - run.rows_before,
            "requests": requests["ordinary"] + requests["attack"],
            "ordinary_requests": requests["ordinary"],
            "attack_requests": requests["attack"],
            "virtual_s": round((ended - run.started).total_seconds()),
            "wall_s": round(run.wall_s, 1),
        },
        notices=list(_notices(run)),
        messages=sent_messages.read(run.azure, run.evidence, run.inbox),
        rules=rule_entries.of([*judgement.detections, *left], run.evidence.runners),
        minutes=_minutes(run.player, run.evidence.tables, ended),
        violations=policy_check.violations(resources),
        rules_held=policy_check.held(resources),
        logins=_logins(run, ended),
        cost=bill(run.deployment, run.evidence.tables, ended),
    )


def _notices(run: Run) -> Iterator[str]:
    yield from run.azure.notices
    if run.player.unanswered:
        first = run.player.unanswered[0]
        yield f"{len(run.player.unanswered)} requests got no answer; the first: {first.error}"
    for resource in run.azure.resources.unmodelled:
        yield f"{resource.token} {resource.logical_name} is recorded only, not modelled"
    yield from run.azure.service(PlatformRules).notices()
    for key in run.deployment.skipped_secrets:
        yield f"secret {key} of the stack file cannot be decrypted here; the lab used its own"


def _logins(run: Run, ended: datetime) -> LoginsEntry | None:
    runners = run.evidence.runners
    sources = login_sources.read_by(runner.rule.query for runner in runners.values())
    if not sources:
        return None
    return login_sight.entry(runners, sources, run.evidence.tables, ended + timedelta(days=1))


def _minutes(player: Player, tables: LogTables, ended: datetime) -> list[Minute]:
    logins = login_minutes(tables, ended + timedelta(days=1))
    return [
        Minute(
            at=moment,
            ordinary=counts["ordinary"],
            attack=counts["attack"],
            failures=logins.get(moment, (0, 0))[0],
            successes=logins.get(moment, (0, 0))[1],
        )
        for moment, counts in sorted(player.per_minute.items())
    ]
