"""What is declared to change nothing exists, and no case notices it."""

import pytest

from components.content.detection import DETECTIONS
from components.content.places import CASES
from lab.mutation import declared, run

DECLARED = sorted(path.parent.name for path in CASES.glob(f"*/{declared.FILE}"))


def test_there_are_declarations() -> None:
    assert DECLARED
    assert {path.stem for path in DETECTIONS.glob("*.kql")} >= {*DECLARED}


@pytest.mark.parametrize("slug", DECLARED)
def test_each_declared_mutant_exists_and_survives(slug: str) -> None:
    score = run.detection_score(slug, only_declared=True)
    assert score.name == slug
    assert not score.problems
