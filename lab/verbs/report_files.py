"""report.json and report.html in a folder."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from lab.play.timetable import Appearance
from lab.report import page as report_page
from lab.report.model import Report


def write(report: Report, attacks: Sequence[Appearance], folder: Path) -> None:
    """Both files; those of an earlier run are replaced."""
    spans: dict[str, tuple[datetime, datetime]] = {
        attack.scenario.slug: (attack.start, attack.end) for attack in attacks
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(report.dumps(), encoding="utf-8")
    page(folder).write_text(report_page.render(report, spans), encoding="utf-8")


def page(folder: Path) -> Path:
    """What a person opens."""
    return folder / "report.html"
