"""Mutants that change nothing, as declared: `mutants.yaml` beside the cases of a detection.

    drop where Failures > 0: A row without failures reaches no threshold; it would cost a series.

Those of functions stand in `tests/detections/mutants.yaml`, under the function's name.
"""

from pathlib import Path
from typing import Final

import yaml

from components.limits.refusal import shown
from lab.cases.case_pattern import CaseError

FILE: Final = "mutants.yaml"
_EXPECTED: Final = "expected `<mutant>: <why no row can tell it from the rule>`"


def read(folder: Path) -> dict[str, str]:
    """Mutant -> reason, {} without a file; CaseError names the file and what is wrong."""
    path = folder / FILE
    where = shown(path)
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise CaseError(f"the file is no YAML; {_EXPECTED} ({where}{line})") from error
    if not isinstance(given, dict):
        raise CaseError(f"{given!r} is no mapping; {_EXPECTED} ({where})")
    for mutant, reason in given.items():
        if not isinstance(reason, str) or not reason.strip().endswith("."):
            raise CaseError(f"{mutant!r} has no reason; {_EXPECTED}, a sentence ({where})")
    return {str(mutant): " ".join(reason.split()) for mutant, reason in given.items()}
