"""Every detection on its cases: it fires on its attack and stays silent on ordinary users."""

import pytest

from components.content.detection import DETECTIONS
from lab.trial import case_run


@pytest.mark.parametrize("slug", sorted(path.stem for path in DETECTIONS.glob("*.kql")))
def test_a_detection_does_what_the_names_of_its_cases_say(slug: str) -> None:
    results = case_run.run([slug])
    failed = [f"{result.name}: {result.reason}" for result in results if not result.passed]
    assert not failed, "\n".join(failed)
