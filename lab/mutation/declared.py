"""Mutants that change nothing, as declared: `mutants.yaml` beside the cases of a detection.

    drop where Failures > 0: A row without failures reaches no threshold; it would cost a series.

Those of functions stand in `tests/detections/mutants.yaml`, under the function's name.
"""

from pathlib import Path
from typing import Final

from components.content import yaml_file
from components.limits.refusal import Refusal, RefusedError

FILE: Final = "mutants.yaml"
_EXPECTED: Final = "expected `<mutant>: <why no row can tell it from the rule>`"


def read(folder: Path) -> dict[str, str]:
    """Mutant -> reason, {} without a file; RefusedError names the file and what is wrong."""
    path = folder / FILE
    try:
        file = yaml_file.read(path, _EXPECTED)
    except FileNotFoundError:
        return {}
    given = {} if file.value is None else file.value
    if not isinstance(given, dict):
        raise RefusedError(Refusal(file.where(), "is not a mapping", _EXPECTED, given))
    for mutant, reason in given.items():
        if not isinstance(reason, str) or not reason.strip().endswith("."):
            where, expected = file.where(str(mutant)), f"{_EXPECTED}, a sentence"
            raise RefusedError(Refusal(where, "has no reason", expected))
    return {str(mutant): " ".join(reason.split()) for mutant, reason in given.items()}
