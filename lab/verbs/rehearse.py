"""`lab rehearse`: the whole story, its verdict, and the reports."""

import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from components.content import attack_coverage, detection
from components.content.detection import DetectionError
from components.limits.refusal import nearest
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.engine import pulumi_cli
from lab.play.timetable import Appearance
from lab.rehearsal.deployed_detections import slug_of
from lab.rehearsal.rehearsal import Options, Rehearsal
from lab.report import page, terminal
from lab.report.model import Report
from lab.trial import coverage
from lab.verbs import progress, stacks


def run(
    *,
    only: tuple[str, ...],
    hours: float,
    seed: int,
    report: Path | None,
    keep: bool,
    stack: str,
    engine: str | None,
    ingestion_delay: timedelta,
    out: Console,
    err: Console,
) -> bool:
    """Whether every detection did what was expected of it."""
    _refuse_unknown(only)
    stacks.refuse_unknown(stack)
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)  # refused now rather than after the run
    with progress.shown(err) as tell:
        options = Options(
            stack=stack,
            engine=_engine(engine),
            only=tuple(dict.fromkeys(only)),
            hours=hours,
            seed=seed,
            ingestion_delay=ingestion_delay,
            progress=tell,
        )
        rehearsal = Rehearsal(options)
        try:
            found = rehearsal.run()
        except BaseException:
            rehearsal.close()
            raise
    found = _with_coverage(found, rehearsal)
    with rehearsal:
        terminal.show(found, out)
        if report is not None:
            write(found, rehearsal.attacks, report)
            tell_where(report, out)
        if keep:
            _stay(rehearsal, out)
    return found.passed


def write(report: Report, attacks: list[Appearance], folder: Path) -> None:
    """report.json and report.html in the folder."""
    spans: dict[str, tuple[datetime, datetime]] = {
        attack.scenario.slug: (attack.start, attack.end) for attack in attacks
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(report.dumps(), encoding="utf-8")
    (folder / "report.html").write_text(page.render(report, spans), encoding="utf-8")


def tell_where(folder: Path, out: Console) -> None:
    """The last line: what to open."""
    text = f"report: {folder / 'report.html'}, {folder / 'report.json'}"
    out.print(text, highlight=False, markup=False, soft_wrap=True)


def _with_coverage(report: Report, rehearsal: Rehearsal) -> Report:
    """The report with the digests that make it proof, and the matrix of what is proven."""
    runners = rehearsal.azure.service(Evaluator).runners.values()
    judged = {slug: each.rule for each in runners if (slug := slug_of(each))}
    proving = replace(report, digests=coverage.digests(judged))
    known, today = list(detection.load_all().values()), datetime.now(UTC).date()
    rows = coverage.shown_by(proving, attack_coverage.read(), known, today)
    return replace(proving, coverage=rows)


def _engine(wanted: str | None) -> str:
    """The Pulumi CLI where there is one, unless somebody wants it otherwise."""
    if wanted == "pulumi":
        pulumi_cli.refuse_missing()
    return wanted or ("pulumi" if pulumi_cli.is_installed() else "inprocess")


def _refuse_unknown(slugs: tuple[str, ...]) -> None:
    known = sorted(detection.load_all())
    unknown = [slug for slug in slugs if slug not in known]
    if unknown:
        raise DetectionError(
            "\n".join(f"detection {slug!r} is unknown; {nearest(slug, known)}" for slug in unknown)
        )


def _stay(rehearsal: Rehearsal, out: Console) -> None:
    person = rehearsal.people[0]
    lines = [f"{name}: {url}" for name, url in rehearsal.urls.items()]
    lines.append(f"sign in as {person.username}; the password is in {rehearsal.users_file}")
    lines.append("everything stays up until Ctrl-C")
    try:
        print("\n".join(lines), file=out.file, flush=True)  # rich may say it twice if interrupted
        signal.pause()
    except KeyboardInterrupt:
        out.print("ended")
