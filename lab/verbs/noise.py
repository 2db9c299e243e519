"""`lab noise`: how often each detection fires on ordinary people alone; kept in docs/noise.json."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from components.content import detection
from components.content.places import ROOT
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.rehearsal.deployed_detections import slug_of
from lab.rehearsal.rehearsal import Options
from lab.tuning.noise import NoiseRecord, OrdinaryDays, measured
from lab.verbs import progress

RECORD = ROOT / "docs" / "noise.json"


def run(hours: float, seed: int, *, out: Console, err: Console, record: Path = RECORD) -> None:
    """Plays the hours on stack local, shows the figures and writes them to the record."""
    known = detection.load_all()
    with progress.shown(err) as tell, tempfile.TemporaryDirectory() as scratch:
        options = Options(hours=hours, seed=seed, state=Path(scratch), progress=tell)
        with OrdinaryDays(options) as days:
            report = days.run()
            runners = days.azure.service(Evaluator).runners.values()
            deployed = [known[slug] for each in runners if (slug := slug_of(each)) in known]
    found = measured(report, deployed, hours, seed, datetime.now(UTC).date())
    _show(found, out)
    record.write_text(json.dumps(found.as_json(), indent=2) + "\n", encoding="utf-8")
    out.print(f"written: {record}; `make docs` shows it", highlight=False, soft_wrap=True)


def _show(found: NoiseRecord, out: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("detection", "alerts", "a day"):
        table.add_column(heading)
    for each in found.figures:
        table.add_row(each.slug, str(each.alerts), f"{each.alerts_a_day:g}")
    out.print(table)
    out.print(
        f"{found.users} people, {found.hours:g} h from Monday 07:30, {found.requests:,} requests",
        style="dim",
        highlight=False,
    )
