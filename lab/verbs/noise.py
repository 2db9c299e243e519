"""`lab noise`: how often each detection fires on ordinary people alone."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from components.content import detection
from components.content.places import ROOT
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.rehearsal.deployed_detections import slug_of
from lab.rehearsal.rehearsal import Options
from lab.report import voice
from lab.tuning.noise import NoiseRecord, OrdinaryDays, measured
from lab.verbs import progress
from lab.verbs.options import Seed

RECORD: Final = ROOT / "docs" / "noise.json"


def command(
    hours: Annotated[float, typer.Option(min=0.5, max=72, help="Lab hours of people.")] = 24.0,
    seed: Seed = 0,
    record: Annotated[
        bool, typer.Option("--record", help="Write docs/noise.json, for the pages of docs/.")
    ] = False,
) -> None:
    """Plays the hours on stack local, and shows the figures."""
    known = detection.load_all()
    with progress.shown() as tell, tempfile.TemporaryDirectory() as scratch:
        options = Options(hours=hours, seed=seed, state=Path(scratch), progress=tell)
        with OrdinaryDays(options) as days:
            report = days.run()
            runners = days.azure.service(Evaluator).runners.values()
            deployed = [known[slug] for runner in runners if (slug := slug_of(runner)) in known]
    figures = measured(report, deployed, hours, seed, datetime.now(UTC).date())
    _show(figures)
    if record:
        RECORD.write_text(json.dumps(figures.as_json(), indent=2) + "\n", encoding="utf-8")
        voice.say(f"written: {RECORD}; `make docs` shows it")


def _show(record: NoiseRecord) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("detection", "alerts", "a day"):
        table.add_column(heading, no_wrap=True)
    for figure in record.figures:
        table.add_row(figure.slug, str(figure.alerts), f"{figure.alerts_a_day:g}")
    voice.show(table)
    voice.say(
        f"{record.users} people, {record.hours:g} h from Monday 07:30,"
        f" {record.requests:,} requests",
        "dim",
    )
