"""What the author of a detection has still to write, as `lab new` has marked it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from components.content.places import ROOT
from components.limits.refusal import shown
from lab.cases.new_detection import TO_WRITE

_MARK: Final = re.compile(rf"\b{TO_WRITE}\b *(.*?)[\"'.,]*$")


def places(slug: str, cases: Path, root: Path = ROOT) -> list[str]:
    """One line each: what is to be written, with file and line."""
    files = [root / "kql" / "detections" / f"{slug}.kql", *sorted((cases / slug).glob("*.yaml"))]
    files.append(root / "traffic" / "attacks" / f"{slug}.py")
    return [line for path in files if path.is_file() for line in _marked(path)]


def _marked(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if found := _MARK.search(line):
            yield f"still to be written: {found[1]} ({shown(path)}:{number})"
