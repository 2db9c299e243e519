"""`lab import sentinel`: an analytics rule becomes an experimental detection."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from components.content.detection import DETECTIONS
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.exchange import sentinel_import
from lab.report import voice


def command(
    form: Annotated[Literal["sentinel"], typer.Argument(help="What the file is.")],
    file: Annotated[Path, typer.Argument(help="An analytics rule in YAML.")],
    slug: Annotated[str, typer.Option(help="Name of the detection; from the rule's name.")] = "",
) -> None:
    """The only form there is; the argument leaves room for others."""
    run(file, slug)


def run(file: Path, slug: str, folder: Path = DETECTIONS) -> None:
    """Writes the detection and lists what is lost; RefusedError when it cannot become one."""
    found = sentinel_import.from_file(file, slug)
    path = folder / f"{found.slug}.kql"
    try:
        with path.open("x", encoding="utf-8") as target:
            target.write(found.text)
    except FileExistsError as error:
        raise RefusedError(
            Refusal(
                Place(shown(path)),
                f"detection {found.slug} exists already",
                "expected another --slug",
            )
        ) from error
    voice.say(f"written: {shown(path)}")
    for line in found.notes:
        voice.say(f"carried over: {line}")
    for line in found.lost:
        voice.say(f"not carried over: {line}")
    voice.say(
        f"next: python -m lab new {found.slug} adds cases and an attack and keeps the query; then"
        " blind spots and response of the head"
    )
