"""Every detection on its cases: it fires on its attack and stays silent on ordinary users.

In the same go: what is declared to change nothing exists, and no case notices it.
"""

import pytest

from components.content.detection import DETECTIONS
from components.content.places import CASES
from lab.mutation import declared
from lab.mutation.run import detection_score
from lab.trial import case_run

SLUGS = sorted(path.stem for path in DETECTIONS.glob("*.kql"))
DECLARED = {path.parent.name for path in CASES.glob(f"*/{declared.FILE}")}


@pytest.mark.parametrize("slug", [each for each in SLUGS if each not in DECLARED])
def test_a_detection_does_what_the_names_of_its_cases_say(slug: str) -> None:
    results = case_run.run([slug])
    assert results
    failed = [f"{result.name}: {result.reason}" for result in results if not result.passed]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("slug", sorted(DECLARED))
def test_and_what_is_declared_to_change_nothing_is_noticed_by_no_case(slug: str) -> None:
    score = detection_score(slug, only_declared=True)
    assert score.name == slug
    assert not score.problems


def test_there_are_declarations_of_detections_that_exist() -> None:
    assert DECLARED
    assert {*SLUGS} >= DECLARED
