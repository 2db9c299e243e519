"""docs/best-practices.md: every row that says what is done is shown by something."""

import re
from pathlib import Path

import pytest

from components.content.places import ROOT
from policy.catalogue import RULES

PAGE = (ROOT / "docs" / "best-practices.md").read_text(encoding="utf-8")


def rows() -> list[tuple[str, str]]:
    """Recommendation and what shows it."""
    block = PAGE.partition("<!-- practices -->")[2].partition("<!-- /practices -->")[0]
    lines = block.strip().splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(each[0], each[2]) for each in cells]


def names_of_tests() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in Path(ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"(?m)^def (test_\w+)", text)}


@pytest.fixture(scope="module")
def known() -> set[str]:
    return names_of_tests() | {rule.name for rule in RULES}


@pytest.mark.parametrize(("recommendation", "shown"), rows())
def test_a_practice_is_shown_by_a_rule_or_a_test(
    recommendation: str, shown: str, known: set[str]
) -> None:
    kind, _, name = shown.partition(" ")
    assert kind in ("policy", "test"), recommendation
    assert name.strip("`") in known, recommendation


def test_there_are_practices() -> None:
    assert len(rows()) > 20
