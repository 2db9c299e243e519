"""`lab new`: the files of a new detection, sound in form, with every key explained."""

import re
from pathlib import Path
from typing import Final

from rich.console import Console

from components import detection as detections
from components.detection import DetectionError
from components.kql_file import ROOT
from lab import boundary_seed, skeleton
from lab.cases import CASES
from lab.report.plain_text import plain

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_LONGEST: Final = 60


def run(slug: str, neighbour: str | None, *, out: Console, root: Path = ROOT) -> None:
    """Writes the files; DetectionError when the slug is taken or no slug, and then writes none."""
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
        raise DetectionError(
            f"slug {slug!r} is not allowed; expected <subject>_<behaviour> in small letters, digits"
            f" and underscores, at most {_LONGEST} characters, such as login_from_nowhere"
        )
    model = detections.load(neighbour) if neighbour else None
    seed = CASES / (neighbour or "") / boundary_seed.FILE
    text = seed.read_text(encoding="utf-8") if neighbour and seed.is_file() else None
    files = skeleton.files(slug, model, text)
    if taken := [name for name in files if (root / name).exists()]:
        raise DetectionError(f"{taken[0]} exists; expected a slug that is not taken")
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    for line in (
        *(f"wrote {name}" for name in files),
        "",
        "next:",
        f"  python -m lab test {slug}              what is still to be written, and what fails",
        f"  python -m lab explain {slug} --case fires_first_attack",
        f"  python -m lab test {slug} --mutate     what no case notices yet",
        f"  python -m lab rehearse --only {slug}",
    ):
        out.print(plain(line), soft_wrap=True, highlight=False)
