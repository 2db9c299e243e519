"""The rules about all detections, functions, hunting queries and tiles: those of `lab check`.

What a rule is and what breaks it, tests/lab/check/ shows. Here stands what concerns the library as
a whole.
"""

import pytest

from components.content import detection
from lab.check import microsoft, run, show_text
from lab.check.run import Report

DETECTIONS = detection.load_all()


@pytest.fixture(scope="module")
def report() -> Report:
    return run.check()


def test_there_are_detections() -> None:
    assert len(DETECTIONS) >= 6


def test_the_essential_ones_are_about_ten_and_stable() -> None:
    essential = [each for each in DETECTIONS.values() if each.essential]
    assert 8 <= len(essential) <= 12, [each.slug for each in essential]
    assert not [each.slug for each in essential if each.status != "stable"]


def test_no_query_of_the_library_breaks_a_rule(report: Report) -> None:
    assert report.exit_code == 0, f"\n{show_text.text(report)}"


def test_every_query_was_read_and_run(report: Report) -> None:
    """A rule that looks at nothing is not broken by anything."""
    assert {f"kql/detections/{slug}.kql" for slug in DETECTIONS} <= set(report.files)
    unrun = [path for path, check in report.not_run if check == "execution"]
    assert not [path for path in unrun if path.startswith("kql/detections/")]


@pytest.mark.node
def test_microsofts_parser_saw_every_query(report: Report) -> None:
    if microsoft.modules() is None:
        pytest.skip(microsoft.MISSING)
    assert report.notices == []
    unseen = [path for path, check in report.not_run if check == "parser"]
    assert not [path for path in unseen if path.startswith(("kql/detections/", "kql/hunting/"))]
