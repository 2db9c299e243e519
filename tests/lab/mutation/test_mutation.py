"""Mutants: every change that is made to a rule, who notices it, and what is said of the rest."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from components.content import detection as detections
from components.content.detection import Detection
from components.content.places import CASES
from components.limits.refusal import RefusedError
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.logs.log_tables import LogTables
from lab.mutation import declared, edit, mutant, run, sketch
from lab.mutation.score import MutantResult, Score, rate

SLUG = "brute_force_from_one_address"
QUERY = """let Few = T | where A == "x | y" and B > 1;
Few
// a comment, and | where C
| where not(D in (1, 2) and E)
| summarize N = countif(F == 1), M = dcountif(G, H != ""), K = countif(I and J) by C, bin(T, 1m)
| join kind=leftanti Few on C"""


@pytest.fixture
def detection() -> Detection:
    return detections.load(SLUG)


def test_each_condition_is_dropped_once() -> None:
    found = {each.what: each for each in edit.filters(QUERY)}
    assert list(found) == [
        'drop A == "x | y"',
        "drop B > 1",
        "drop where not(D in (1, 2) and E)",
        "drop D in (1, 2)",
        "drop E",
        "drop countif F == 1",
        'drop dcountif H != ""',
        "drop I",
        "drop J",
        "drop join kind=leftanti Few on C",
    ]
    assert "where B > 1;" in found['drop A == "x | y"'].text
    assert "count(), M = dcountif" in found["drop countif F == 1"].text
    assert "M = dcount(G)," in found['drop dcountif H != ""'].text
    assert "K = countif(J)" in found["drop I"].text
    assert "not(E)" in found["drop D in (1, 2)"].text
    assert found["drop where not(D in (1, 2) and E)"].line == 4
    assert found["drop join kind=leftanti Few on C"].text.endswith("1m)\n")


def test_a_column_of_a_grouping_becomes_one_value() -> None:
    found = {each.what: each.text for each in edit.groupings(QUERY)}
    assert list(found) == ["drop by C", "drop by bin(T, 1m)"]
    assert "summarize C = min(C), N = countif" in found["drop by C"]
    assert "by bin(T, 1m)" in found["drop by C"]
    assert "summarize T = min(bin(T, 1m)), N = countif" in found["drop by bin(T, 1m)"]
    last = edit.groupings("T | summarize by A")[0]
    assert last.text.split() == ["T", "|", "summarize", "A", "=", "min(A)"]


def test_the_same_condition_twice_makes_two_mutants() -> None:
    found = [each.what for each in edit.filters("T | where A and B | where A and B")]
    assert found == ["drop A", "drop B", "drop A (2)", "drop B (2)"]


def test_the_head_is_changed_to_the_next_value_that_azure_has(detection: Detection) -> None:
    half = replace(detection, window="PT30M", threshold=20, dimensions=("SrcIpAddr",))
    found = {each.id: each.rule for each in mutant.of_detection(half)}
    assert found["threshold +1"].threshold == 21
    assert found["threshold -1"].threshold == 19
    assert found["window halved to PT15M"].window_size == "PT15M"
    assert found["window doubled to PT1H"].window_size == "PT1H"
    assert found["drop dimension SrcIpAddr"].dimensions == ()
    wide = replace(detection, window="P2D", frequency="PT1H")
    ids = [each.id for each in mutant.of_detection(wide, worth=3)]
    assert ids[:3] == ["threshold +3", "threshold -3", "window halved to P1D"]
    assert not [each for each in ids if "doubled" in each]


def test_a_mutant_stands_where_its_file_says(detection: Detection) -> None:
    lines = detection.path.read_text(encoding="utf-8").splitlines()
    placed = [each for each in mutant.of_detection(detection) if each.line]
    assert placed
    for each in placed:
        assert each.line is not None
        assert each.removed.split()[0] in lines[each.line - 1]


@pytest.mark.parametrize("slug", ["client_error_burst"])
def test_every_mutant_is_a_query_that_runs_and_dropped_conditions_leave_the_columns(
    slug: str,
) -> None:
    tables = LogTables()
    detection = detections.load(slug)
    own = tables.shape(detection.rendered_query())
    mutants = mutant.of_detection(detection)
    assert {each.kind for each in mutants} > {"filter"}
    try:
        for each in mutants:
            found = tables.shape(each.rule.query)
            assert found == own if each.kind == "filter" else found, each.id
    finally:
        tables.close()


def test_a_mutant_that_is_no_query_is_invalid_and_counts_for_nothing(
    place: Callable[..., Path], detection: Detection, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place()
    broken = replace(AlertRule.from_detection(detection), query="LoginEvents | where Nothing == 1")
    changed = [mutant.Mutant("drop all", "filter", broken, 3, "all")]
    monkeypatch.setattr(mutant, "of_detection", lambda *_: changed)
    score = run.detection_score(SLUG, folder)
    assert fates(score)["drop all"].fate == "invalid"
    assert "LoginEvents" in fates(score)["drop all"].by
    assert score.per_cent == 100


SIMPLE = """LoginEvents
| where EventType == "Logon" and SrcIpAddr != ""
| where EventResult == "Failure"
| summarize Failures = count() by SrcIpAddr
| where Failures > 0"""
SEED = "unit: {event: {SrcIpAddr: 192.0.2.7}}\nsplit: {SrcIpAddr: 192.0.2.8}\n"


@pytest.fixture
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detection: Detection
) -> Callable[..., Path]:
    """A detection of five lines, with the cases that are given to it."""
    path = tmp_path / f"{SLUG}.kql"
    path.write_text(f"// head\n{SIMPLE}\n", encoding="utf-8")
    simple = replace(
        detection, query=SIMPLE, path=path, window="PT30M", threshold=20, dimensions=("SrcIpAddr",)
    )
    monkeypatch.setattr(detections, "load", lambda slug: simple)

    def written(**files: str) -> Path:
        (tmp_path / SLUG).mkdir()
        for name, text in {"boundary": SEED, **files}.items():
            (tmp_path / SLUG / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return written


def fates(score: Score) -> dict[str, MutantResult]:
    return {each.id: each for each in score.mutants}


def test_boundaries_notice_the_head_and_a_survivor_gets_a_case_that_kills_it(
    place: Callable[..., Path],
) -> None:
    folder = place()
    score = run.detection_score(SLUG, folder)
    found = fates(score)
    assert found["threshold +1"].by.startswith("fires_at_20")
    assert found["threshold -1"].by.startswith("silent_at_19")
    assert found["window halved to PT15M"].by.startswith("fires_at_20_")
    assert found["window doubled to PT1H"].fate == "killed"
    assert found["drop dimension SrcIpAddr"].fate == "killed"
    assert found['drop EventType == "Logon"'].by == "silent_at_20_of_another_event_type"
    survivor = found['drop where EventResult == "Failure"']
    assert (survivor.fate, survivor.line) == ("survived", 4)
    assert "tried: silent_<sentence>.yaml" in survivor.sketch
    assert yaml.safe_load(survivor.sketch)["events"][0]["event"]["EventResult"] == "Success"
    path = folder / SLUG / "silent_successes_only.yaml"
    path.write_text(survivor.sketch, encoding="utf-8")
    assert fates(run.detection_score(SLUG, folder))[survivor.id].by == path.stem


def test_a_declared_mutant_has_to_exist_and_to_survive(place: Callable[..., Path]) -> None:
    folder = place(
        mutants=(
            "drop where Failures > 0: It would cost a series.\n"
            "threshold +1: It does not.\n"
            "drop where Nothing: There is none.\n"
        ),
    )
    score = run.detection_score(SLUG, folder)
    assert fates(score)["drop where Failures > 0"].fate == "equivalent"
    assert len(score.problems) == 2
    assert "'threshold +1' is declared to change nothing, and fires_at_20" in score.problems[0]
    assert "'drop where Nothing' is declared and does not exist" in score.problems[1]


def test_a_case_that_fails_by_itself_proves_nothing(place: Callable[..., Path]) -> None:
    wrong = "events:\n  - {times: 3, event: {SrcIpAddr: 192.0.2.7}}\n"
    score = run.detection_score(SLUG, place(fires_too_few=wrong))
    assert "fails without any change" in score.problems[0]
    assert "fires_too_few" not in {each.by for each in score.mutants}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("drop A: no full stop", "drop A has no reason; expected `<mutant>: <why"),
        ("- drop A", "['drop A'] is not a mapping; expected `<mutant>: <why"),
        ("a: [", "the file is not YAML: "),
    ],
)
def test_a_declaration_without_reason_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / declared.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match=r"mutants\.yaml:1\)$") as refusal:
        declared.read(tmp_path)
    assert message in str(refusal.value)


def test_a_condition_of_a_function_counts_once_for_all_who_use_it() -> None:
    score = run.function_score("LoginEvents", ["default_account_names"])
    found = fates(score)
    assert set(found) == {
        'LoginEvents: drop where ResultDescription has "Authentication"',
        'LoginEvents: drop where tostring(Event.EventSchema) == "Authentication"',
        'LoginEvents: drop EventType == "Logon"',
        'LoginEvents: drop EventOriginalResultDetails !in ("CsrfFailed", "CrossSite")',
    }


def test_the_score_leaves_out_what_could_not_be_killed() -> None:
    made = [
        MutantResult("a", "filter", 1, "killed", "x"),
        MutantResult("b", "filter", 1, "survived"),
        MutantResult("c", "filter", 1, "equivalent", "y"),
        MutantResult("d", "filter", 1, "invalid", "z"),
    ]
    assert Score("s", "p", tuple(made)).per_cent == 50
    assert rate([]) == 100


def test_of_a_threshold_a_window_and_a_dimension_the_sketch_says_how_to_place_the_units(
    detection: Detection,
) -> None:
    assert len(mutant.of_detection(detection)) >= 5
    for each in mutant.of_detection(detection)[:5]:
        text = sketch.of(each, detection, CASES / SLUG)
        assert text.startswith(("# fires_", "# silent_"))
        assert yaml.safe_load(text)["events"]
