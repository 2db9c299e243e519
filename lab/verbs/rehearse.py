"""`lab rehearse`: the whole story, its verdict, and the reports."""

import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from components.content import attack_coverage, detection
from components.content.places import ROOT
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.engine import pulumi_cli
from lab.rehearsal.deployed_detections import slug_of
from lab.rehearsal.rehearsal import Options, Rehearsal
from lab.report import terminal, voice
from lab.report.model import Report
from lab.trial import coverage
from lab.verbs import progress, report_files, stacks
from lab.verbs.exit_code import FAILED, PASSED
from lab.verbs.options import Delay, Seed, Stack, minutes
from lab.verbs.options import Report as ReportFolder

Engine = Literal["inprocess", "pulumi"]


def command(
    only: Annotated[
        list[str] | None, typer.Option(help="Only this detection and its attack; repeatable.")
    ] = None,
    hours: Annotated[float, typer.Option(min=0.1, max=48, help="Lab hours of traffic.")] = 1.0,
    seed: Seed = 0,
    report: ReportFolder = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything up until Ctrl-C.")] = False,
    stack: Stack = "local",
    engine: Annotated[
        Engine | None, typer.Option(help="What runs the program; pulumi where it is on PATH.")
    ] = None,
    ingestion_delay: Delay = 3.0,
    program: Annotated[
        Path, typer.Option(help="Folder of a Pulumi program in Python; this one by default.")
    ] = ROOT,
) -> int:
    """What is asked for is judged before anything is made."""
    _refuse_unknown(only or [])
    stacks.refuse_no_program(program)
    stacks.refuse_unknown(stack, program)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)  # refused now rather than after the run
    options = Options(
        stack=stack,
        engine=_engine(engine),
        only=tuple(dict.fromkeys(only or ())),
        hours=hours,
        seed=seed,
        ingestion_delay=minutes(ingestion_delay),
        program=program,
    )
    return PASSED if run(options, report, keep=keep) else FAILED


def run(options: Options, folder: Path | None, *, keep: bool) -> bool:
    """Whether every detection did what was expected of it; the report is written to the folder."""
    with progress.shown() as tell:
        rehearsal = Rehearsal(replace(options, progress=tell))
        try:
            report = rehearsal.run()
        except BaseException:
            rehearsal.close()
            raise
    report = _with_coverage(report, rehearsal)
    with rehearsal:
        terminal.show(report)
        if folder is not None:
            report_files.write(report, rehearsal.attacks, folder)
        _what_next(report, folder)
        if keep:
            _stay(rehearsal)
    return report.passed


def _with_coverage(report: Report, rehearsal: Rehearsal) -> Report:
    """The report with the digests that make it proof, and the matrix of what is proven."""
    runners = rehearsal.azure.service(Evaluator).runners.values()
    judged = {slug: runner.rule for runner in runners if (slug := slug_of(runner))}
    proving = replace(report, digests=coverage.digests(judged))
    known, today = list(detection.load_all().values()), datetime.now(UTC).date()
    rows = coverage.shown_by(proving, attack_coverage.read(), known, today)
    return replace(proving, coverage=rows)


def _what_next(report: Report, folder: Path | None) -> None:
    """The last lines: what to open, and what to type."""
    if folder is not None:
        voice.say(f"open {report_files.page(folder)}")
    failed = dict.fromkeys(entry.slug for entry in report.detections if entry.verdict == "fail")
    for slug in failed:
        voice.say(f"next: python -m lab explain {slug} --rehearsal")
    if not failed:
        voice.say("next: python -m lab query 'LoginEvents | take 5'")


def _engine(wanted: str | None) -> str:
    """The Pulumi CLI where there is one, unless somebody wants it otherwise."""
    if wanted == "pulumi":
        pulumi_cli.refuse_missing()
    return wanted or ("pulumi" if pulumi_cli.is_installed() else "inprocess")


def _refuse_unknown(slugs: Sequence[str]) -> None:
    detection.refuse_unknown(slugs, detection.load_all())


def _stay(rehearsal: Rehearsal) -> None:
    person = rehearsal.people[0]
    lines = [f"{name}: {url}" for name, url in rehearsal.urls.items()]
    lines.append(f"sign in as {person.username}; the password is in {rehearsal.users_file}")
    lines.append("everything stays up until Ctrl-C")
    try:
        voice.give("\n".join(lines))
        signal.pause()
    except KeyboardInterrupt:
        voice.say("ended")
