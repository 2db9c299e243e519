"""Proof: recorded for one form of a rule, and never green for another."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from components.content import attack_coverage, detection
from components.content.attack_coverage import Proof, digest
from components.content.deployed_rule import deployed
from components.limits.refusal import RefusedError
from docs import coverage_page
from docs.generate import table
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.trial import coverage
from lab.trial.case_run import CaseResult
from lab.verbs import coverage as verb

SPRAY = detection.load("password_spray")
DAY = date(2026, 1, 5)
PROVEN = Proof(digest(SPRAY), fires=4, silences=6, fired="2026-01-05", silent="2026-01-05")


def results(*named: tuple[str, bool]) -> list[CaseResult]:
    return [CaseResult(SPRAY.slug, name, passed) for name, passed in named]


def a_report(fires: str = "pass", silent: str = "pass", of: str = "") -> dict[str, object]:
    entries = [("fires", SPRAY.slug, fires), ("silent", "ordinary", silent)]
    return {
        "digests": {SPRAY.slug: of or digest(SPRAY)},
        "detections": [
            {"slug": SPRAY.slug, "expected": expected, "scenario": scenario, "verdict": verdict}
            for expected, scenario, verdict in entries
        ],
    }


def test_a_changed_rule_has_another_digest_and_changed_words_have_not() -> None:
    changed = detection.override(SPRAY, {"threshold": 11})
    assert digest(changed) != digest(SPRAY)
    assert digest(detection.override(SPRAY, {"window": "PT2H"})) != digest(SPRAY)
    assert digest(replace(SPRAY, query=SPRAY.query + "\n| take 1")) != digest(SPRAY)
    assert digest(replace(SPRAY, description="other words", name="another")) == digest(SPRAY)


def test_proof_of_another_form_of_the_rule_is_none() -> None:
    assert attack_coverage.cells(SPRAY, PROVEN) == attack_coverage.CELLS
    changed = detection.override(SPRAY, {"threshold": 11})
    assert attack_coverage.cells(changed, PROVEN) == ("claimed",)
    assert attack_coverage.cells(SPRAY, None) == ("claimed",)


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ((("fires_a", True), ("silent_b", True)), (1, 1)),
        ((("fires_a", True), ("fires_c", False), ("silent_b", True)), (0, 1)),
        ((("fires_a", True), ("silent_b", False)), (1, 0)),
        ((("fires_a", True),), (1, 0)),
    ],
)
def test_a_side_counts_only_when_all_of_it_holds(
    cases: Sequence[tuple[str, bool]], expected: tuple[int, int]
) -> None:
    proof = coverage.of_cases(SPRAY, results(*cases), None)
    assert (proof.fires, proof.silences) == expected
    assert ("tested" in attack_coverage.cells(SPRAY, proof)) == all(expected)


def test_a_rehearsal_of_this_rule_is_proof_and_of_another_is_not() -> None:
    found = coverage.of_rehearsal(SPRAY, a_report(), DAY, None)
    assert (found.fired, found.silent) == ("2026-01-05", "2026-01-05")
    other = coverage.of_rehearsal(SPRAY, a_report(of="another"), DAY, None)
    assert (other.fired, other.silent) == ("", "")


def test_a_rehearsal_that_fails_takes_the_proof_back() -> None:
    found = coverage.of_rehearsal(SPRAY, a_report(fires="fail"), DAY, PROVEN)
    assert (found.fired, found.silent) == ("", "2026-01-05")
    assert coverage.of_rehearsal(SPRAY, a_report("not rehearsed"), DAY, None).fired == ""


def test_proof_that_is_not_spoken_of_stays() -> None:
    assert coverage.of_rehearsal(SPRAY, {}, DAY, PROVEN) == PROVEN
    assert coverage.of_rehearsal(SPRAY, {}, DAY, replace(PROVEN, digest="old")).fired == ""


def test_a_rule_that_the_stack_overrides_is_no_proof_of_the_library() -> None:
    own = AlertRule.from_detection(deployed(SPRAY))
    assert coverage.digests({SPRAY.slug: own}) == {SPRAY.slug: digest(SPRAY)}
    assert coverage.digests({SPRAY.slug: replace(own, threshold=11)}) == {}
    assert coverage.digests({"a platform rule": own}) == {}


def test_the_page_is_green_only_where_all_of_a_cell_is_proven() -> None:
    other = detection.load("credential_stuffing")
    shared = set(SPRAY.attack) & set(other.attack)
    rows = attack_coverage.matrix([SPRAY, other], {SPRAY.slug: PROVEN})
    assert len(rows) >= 2
    for row in rows:
        cells = [coverage_page._technique(row)[3:]]
        green = all(cell == coverage_page.PROVEN for cell in cells[0])
        assert green == (set(row.claimed) == {SPRAY.slug})
        assert (row.technique in shared) == (len(row.claimed) == 2)
        assert row.proven == ((SPRAY.slug,) if SPRAY.slug in row.claimed else ())


def test_every_detection_and_technique_is_on_the_page() -> None:
    known = list(detection.load_all().values())
    page = coverage_page.page(known, table)
    assert all(f"`{found.slug}`" in page for found in known)
    assert all(f"[{each}](" in page for found in known for each in found.attack)


def test_every_technique_of_attack_is_known_and_what_is_claimed_has_a_name() -> None:
    names = attack_coverage.names()
    assert list(names) == sorted(names)
    assert {"T1550.001", "T1001", "T1669"} <= names.keys()
    assert not {"T1066", "T1550.044", "T9999"} & names.keys(), "revoked, renumbered or none"
    parents = {each.partition(".")[0] for each in names}
    assert parents <= names.keys()
    assert (len(parents), len(names)) == (216, 691), "what ATT&CK 18.1 has"
    claimed = {each for found in detection.load_all().values() for each in found.attack}
    assert all(names[each] != each for each in claimed)


def test_the_record_is_what_the_verb_found(tmp_path: Path) -> None:
    record, report = tmp_path / "coverage.json", tmp_path / "report"
    report.mkdir()
    (report / "report.json").write_text(json.dumps(a_report()), encoding="utf-8")
    assert verb.run([SPRAY.slug], report, record)
    found = attack_coverage.read(record)[SPRAY.slug]
    assert attack_coverage.cells(SPRAY, found) == attack_coverage.CELLS
    assert found.fires >= 2
    assert found.silences >= 3


def test_without_a_report_the_command_that_makes_it_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report"
    assert verb.run([SPRAY.slug], report)
    assert f"python -m lab rehearse --report {report}`" in capsys.readouterr().out


def test_nothing_is_written_unasked(tmp_path: Path) -> None:
    before = attack_coverage.PROOF.read_bytes()
    assert verb.run([SPRAY.slug], tmp_path / "report")
    assert attack_coverage.PROOF.read_bytes() == before


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}"])
def test_a_report_without_digests_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match="expected"):
        verb.run([SPRAY.slug], tmp_path, tmp_path / "c.json")


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"detections": {"a": {"what": 1}}}'])
def test_a_record_that_cannot_be_read_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "coverage.json").write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match="expected what `lab coverage --record` writes"):
        attack_coverage.read(tmp_path / "coverage.json")


def test_a_rule_that_waits_for_its_first_rows_is_the_one_that_is_proven() -> None:
    silence = detection.load("no_log_lines")
    waiting = deployed(silence, since=datetime(2026, 1, 5, tzinfo=UTC))
    assert waiting.query != deployed(silence).query
    rules = {silence.slug: AlertRule.from_detection(waiting)}
    assert coverage.digests(rules) == {silence.slug: digest(silence)}
