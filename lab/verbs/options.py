"""Options that several verbs take."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

Slugs = Annotated[list[str] | None, typer.Argument(help="Detections; all by default.")]
Slug = Annotated[str, typer.Argument(help="The detection.")]
Report = Annotated[
    Path | None, typer.Option("--report", help="Folder for report.html and report.json.")
]
Stack = Annotated[str, typer.Option("--stack", "-s", help="Pulumi.<stack>.yaml to use.")]
Delay = Annotated[
    float, typer.Option(min=0, max=120, help="Minutes until a log row can be queried.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same verdict.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]


def minutes(delay: float) -> timedelta:
    """Of an ingestion delay."""
    return timedelta(minutes=delay)
