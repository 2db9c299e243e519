"""report.html: one self-contained page, no script, nothing fetched."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lab.report.model import Report, heading
from lab.report.terminal import dimensions
from lab.report.timeline import NARROW, WIDE, draw


def render(report: Report, attacks: dict[str, tuple[datetime, datetime]]) -> str:
    """`attacks`: for each scenario the lab times of its first and last request."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["dimensions"] = dimensions
    environment.filters["heading"] = heading
    environment.filters["seconds"] = _seconds
    template = environment.get_template("page.html.jinja")
    drawn = [draw(report, attacks, layout) for layout in (WIDE, NARROW)]
    return template.render(report=report, timelines=drawn)


def _seconds(value: float | None) -> str:
    """`7 min 40 s`; an unknown duration is a dash."""
    if value is None:
        return "–"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
