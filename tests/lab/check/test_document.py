"""docs/check.md: its rules are the rules, its example says what the check says."""

import re
from pathlib import Path

import pytest
import yaml

from components.content.places import ROOT
from lab.check import run, show_text
from lab.check.rule import RULES
from tests.support.broken_library import CASE, Change, write

DOCUMENT = ROOT / "docs" / "check.md"
SLUG = "failed_logins"


def part(name: str) -> str:
    """What stands between two marks of the document, fences aside."""
    text = DOCUMENT.read_text(encoding="utf-8")
    marked = rf"<!-- {name} -->\n(?:```\n)?(.*?)(?:```\n)?<!-- /{name} -->"
    found = re.search(marked, text, re.DOTALL)
    assert found, name
    return found[1]


def rules() -> str:
    """The table of the rules."""
    rows = [
        f"| `{each.id}` | {each.check} | {each.severity} | {each.summary} | {each.why} |"
        for each in RULES.values()
    ]
    head = ["| rule | check | severity | asks for | why |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def answer(place: Path) -> str:
    """What the check says of the document's example, whose cases and attack are there."""
    seed = {"unit": {"request": {}}, "split": {"Host": {"CsHost": "other.example.com"}}}
    names = ["fires_one", "fires_two", "silent_one", "silent_two", "silent_three"]
    files = {
        f"kql/detections/{SLUG}.kql": part("example"),
        f"attacks/{SLUG}.py": "",
        f"cases/{SLUG}/boundary.yaml": yaml.safe_dump(seed),
        **{f"cases/{SLUG}/{name}.yaml": CASE for name in names},
    }
    report = run.check([SLUG], write(place, Change(files=files)))
    assert report.exit_code == run.FAILED
    return show_text.text(report).replace(f"{place}/", "") + "\n"


def test_the_table_has_every_rule() -> None:
    assert part("rules") == rules()


@pytest.mark.usefixtures("without_node")
def test_the_answer_to_the_example_is_what_the_check_says(tmp_path: Path) -> None:
    assert part("answer") == answer(tmp_path)
