"""`lab list`: the detections and what belongs to each."""

from rich.console import Console
from rich.table import Table

from components import detection
from lab.rehearsal import PROGRAM
from traffic import catalogue

_SIGNS = {
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
    "Equal": "=",
}


def run(*, out: Console) -> None:
    """One line a detection: when it fires, for whom, its cases, and whether an attack exists."""
    table = Table(box=None, pad_edge=False)
    table.add_column("detection", overflow="fold", min_width=28)
    for heading in ("sev", "fires when", "for each", "cases", "attack"):
        table.add_column(heading, overflow="fold")
    attacks = catalogue.attack_slugs()
    for slug, found in detection.load_all().items():
        cases = [path.name for path in (PROGRAM / "tests" / "detections" / slug).glob("*")]
        fires = sum(name.startswith("fires_") for name in cases)
        silent = sum(name.startswith("silent_") for name in cases)
        measure = found.measure_column or "rows"
        table.add_row(
            slug,
            str(found.severity),
            f"{measure} {_SIGNS[found.operator]} {found.threshold:g}\nin {found.window[2:]}",
            "\n".join(found.dimensions) or "app",
            f"{fires}+{silent}",
            "yes" if slug in attacks else "missing",
        )
    out.print(table)
    out.print("cases: those that must fire + those that must stay silent", style="dim")
