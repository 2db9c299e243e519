"""`lab import sentinel`: an analytics rule becomes an experimental detection."""

from pathlib import Path

from rich.console import Console

from components.content.detection import DETECTIONS
from components.limits.refusal import shown
from lab.exchange import sentinel_import
from lab.exchange.sentinel_file import SentinelError


def run(file: Path, slug: str, *, out: Console, folder: Path = DETECTIONS) -> None:
    """Writes the detection and lists what is lost; SentinelError when it cannot become one."""
    found = sentinel_import.from_file(file, slug)
    path = folder / f"{found.slug}.kql"
    try:
        with path.open("x", encoding="utf-8") as target:
            target.write(found.text)
    except FileExistsError as error:
        raise SentinelError(
            f"detection {found.slug} exists already; expected another --slug ({shown(path)})"
        ) from error
    out.print(f"written: {shown(path)}", markup=False, highlight=False, soft_wrap=True)
    for line in found.lost:
        out.print(f"not carried over: {line}", markup=False, highlight=False, soft_wrap=True)
    out.print(
        f"next: python -m lab new {found.slug} adds cases and an attack and keeps the query; then"
        " blind spots and response of the head",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
