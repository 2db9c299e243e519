"""What is known of each detection and of each ATT&CK technique, from recorded proof. Pure.

Proof is recorded with a digest of the rule that it is about: proof of another form of the rule
proves nothing of this one.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from components.content.detection import Detection
from components.content.places import ROOT
from components.limits.refusal import Place, Refusal, RefusedError, shown

PROOF = ROOT / "docs" / "coverage.json"
NAMES = Path(__file__).with_name("attack_techniques.txt")
"""Every technique of ATT&CK, one a line: its id and, of those that are shown, its name."""

CELLS = ("claimed", "tested", "fired", "silent")


@dataclass(frozen=True)
class Proof:
    """What one detection has been seen to do, and when."""

    digest: str
    fires: int = 0
    """Cases that must fire, and do; 0 when any of them does not."""
    silences: int = 0
    """Cases that must stay silent, and do; 0 when any of them does not."""
    fired: str = ""
    """Day of the rehearsal in which it fired on its attack; empty for never."""
    silent: str = ""
    """Day of the rehearsal in which ordinary users raised no alert of it; empty for never."""


@dataclass(frozen=True)
class Coverage:
    """A technique and the detections that stand in each of its cells, by slug."""

    technique: str
    name: str
    claimed: tuple[str, ...]
    tested: tuple[str, ...]
    fired: tuple[str, ...]
    silent: tuple[str, ...]

    @property
    def proven(self) -> tuple[str, ...]:
        """The detections that stand in every cell."""
        cells = (self.tested, self.fired, self.silent)
        return tuple(slug for slug in self.claimed if all(slug in cell for cell in cells))


def digest(found: Detection) -> str:
    """Changes when the rule would see or say anything else; its words do not count."""
    values = asdict(found.rule_values()) | {"description": None, "severity": None}
    said = sorted((name, value) for name, value in values.items() if value is not None)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def read(path: Path = PROOF) -> dict[str, Proof]:
    """The recorded proof by slug; none without a file. RefusedError when it cannot be read."""
    if not path.exists():
        return {}
    try:
        given: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return {slug: Proof(**fields) for slug, fields in given["detections"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"the proof cannot be read: {error}"
        expected = "expected what `lab coverage --record` writes"
        raise RefusedError(Refusal(Place(shown(path)), what, expected)) from error


def cells(found: Detection, proof: Proof | None) -> tuple[str, ...]:
    """The cells that a detection stands in."""
    if proof is None or proof.digest != digest(found):
        return CELLS[:1]
    known = (True, bool(proof.fires and proof.silences), bool(proof.fired), bool(proof.silent))
    return tuple(cell for cell, holds in zip(CELLS, known, strict=True) if holds)


def matrix(detections: Iterable[Detection], proofs: Mapping[str, Proof]) -> list[Coverage]:
    """One row for each technique that a detection claims, in order of their ids."""
    known = names()
    by_technique: dict[str, dict[str, list[str]]] = {}
    for found in detections:
        standing = cells(found, proofs.get(found.slug))
        for technique in found.attack:
            row = by_technique.setdefault(technique, {cell: [] for cell in CELLS})
            for cell in standing:
                row[cell].append(found.slug)
    return [
        Coverage(
            technique,
            known.get(technique, technique),
            **{cell: tuple(slugs) for cell, slugs in row.items()},
        )
        for technique, row in sorted(by_technique.items())
    ]


def names() -> dict[str, str]:
    """Technique -> its name in ATT&CK, or its id where the list has no name."""
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines if line[:1] == "T")
    return {pair[0]: pair[-1] for pair in pairs}
