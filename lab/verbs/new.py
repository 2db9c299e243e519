"""`lab new`: the files of a new detection, sound in form, with every key explained."""

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from components.content import detection as detections
from components.content import kql_function
from components.content.detection import Detection
from components.content.places import CASES, ROOT
from components.limits.refusal import RefusedError
from lab.cases import boundary_seed, new_detection
from lab.report import voice

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_LONGEST: Final = 60


def command(
    slug: Annotated[str, typer.Argument(help="<subject>_<behaviour>, in small letters.")],
    neighbour: Annotated[
        str | None, typer.Option("--from", help="A detection to begin from.")
    ] = None,
) -> None:
    """Into this repository."""
    run(slug, neighbour)


def run(slug: str, neighbour: str | None, root: Path = ROOT) -> None:
    """Writes the files that are missing, and none where RefusedError tells why not.

    A query that is there already, as an import leaves it, is kept: cases and attack are added where
    it has none, and the slug is taken where it has both.
    """
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST:
        raise RefusedError.of(
            f"slug {slug!r} is not allowed",
            "expected <subject>_<behaviour> in small letters, digits and underscores, at most"
            f" {_LONGEST} characters, such as login_from_nowhere",
        )
    kept = _kept(slug, root)
    if kept is not None and neighbour:
        raise RefusedError.of(
            f"{_query(slug)} exists and would be kept", f"expected no --from {neighbour} with it"
        )
    model = detections.load(neighbour) if neighbour else kept
    seed = CASES / (neighbour or "") / boundary_seed.FILE
    text = seed.read_text(encoding="utf-8") if neighbour and seed.is_file() else None
    files = new_detection.files(slug, model, text)
    if kept is not None:
        there = _there(kept, root)
        files = {name: text for name, text in files.items() if not name.startswith(there)}
        if not files:
            raise RefusedError.of(f"{_query(slug)} exists", "expected a slug that is not taken")
    if taken := [name for name in files if (root / name).exists()]:
        raise RefusedError.of(f"{taken[0]} exists", "expected a slug that is not taken")
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    for line in (
        *(f"kept {_query(slug)}" for _ in range(kept is not None)),
        *(f"wrote {name}" for name in files),
        "",
        "next:",
        f"  python -m lab test {slug}              what is still to be written, and what fails",
        f"  python -m lab explain {slug} --case fires_first_attack",
        f"  python -m lab test {slug} --mutate     what no case notices yet",
        f"  python -m lab rehearse --only {slug}",
    ):
        voice.say(line)


def _query(slug: str) -> str:
    return f"kql/detections/{slug}.kql"


def _kept(slug: str, root: Path) -> Detection | None:
    """The detection whose query is there already."""
    path = root / _query(slug)
    return detections.read(path, kql_function.load_all()) if path.is_file() else None


def _there(kept: Detection, root: Path) -> tuple[str, ...]:
    """Beginnings of the paths that a detection with a query has no need of."""
    cases, attack = f"tests/detections/{kept.slug}/", f"traffic/attacks/{kept.slug}.py"
    fault = root / "lab" / "play" / "faults" / f"{kept.slug}.py"
    found = [_query(kept.slug)]
    if any((root / cases).glob("*")):
        found.append(cases)
    # What Azure learns, nothing can make fire in a rehearsal.
    if kept.is_dynamic or fault.exists() or (root / attack).exists():
        found.append(attack)
    return tuple(found)
