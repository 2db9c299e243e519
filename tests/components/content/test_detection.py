"""A detection is read whole or refused with file, line, key and what is expected."""

from pathlib import Path

import pytest

from components.content import detection, kql_function
from components.content.detection import Detection
from components.limits import kql_text
from components.limits.refusal import RefusedError

HEAD = {
    "name": "Too many failures",
    "description": "One address fails often.",
    "severity": "2",
    "status": "stable",
    "frequency": "PT5M",
    "window": "PT30M",
    "measure": "{column: Failures, aggregation: Total}",
    "operator": "GreaterThanOrEqual",
    "threshold": "20",
    "dimensions": "[SrcIpAddr]",
    "tables": "[AppServiceConsoleLogs]",
    "attack": "[T1110.001]",
    "confidence": "3",
    "false_positives": "[]",
    "blind_spots": "[Slow guesses.]",
    "response": "Block the address.",
}
QUERY = "LoginEvents\n| summarize Failures = count() by SrcIpAddr"


def written(folder: Path, query: str = QUERY, **changes: str | None) -> Path:
    """A detection file; a change to None leaves the key out."""
    head = {key: value for key, value in {**HEAD, **changes}.items() if value is not None}
    lines = [f"// {key}: {value}" for key, value in head.items()]
    path = folder / "too_many_failures.kql"
    path.write_text("\n".join([*lines, "", query]) + "\n", encoding="utf-8")
    return path


def read(folder: Path, query: str = QUERY, **changes: str | None) -> Detection:
    return detection.read(written(folder, query, **changes), kql_function.load_all())


def test_the_head_becomes_values_and_does_not_go_to_azure(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.slug, found.severity, found.threshold) == ("too_many_failures", 2, 20)
    assert (found.measure_column, found.aggregation) == ("Failures", "Total")
    assert (found.min_failing_periods, found.failing_periods) == (1, 1)
    assert found.dimensions == ("SrcIpAddr",)
    assert found.rendered_query().startswith("let LoginEvents = AppServiceConsoleLogs")
    assert found.rendered_query().endswith(QUERY)
    assert "severity" not in found.rendered_query()


def test_rows_are_counted_without_a_column(tmp_path: Path) -> None:
    found = read(tmp_path, measure="rows")
    assert (found.measure_column, found.aggregation) == (None, "Count")


def test_a_long_text_may_run_over_lines(tmp_path: Path) -> None:
    found = read(tmp_path, response=">-\n//   Look first,\n//   then block.")
    assert found.response == "Look first, then block."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"severity": "7"}, "severity 7 is not allowed; expected 0 (critical) to 4 (verbose)"),
        ({"severity": "true"}, "severity True is not allowed"),
        ({"threshold": "many"}, "threshold 'many' is not allowed; expected a number"),
        ({"threshold": ".nan"}, "threshold nan is not allowed"),
        ({"window": "PT20M"}, "window 'PT20M' is not allowed; expected one of PT1M, PT5M"),
        ({"frequency": "5m"}, "frequency '5m' is not allowed"),
        ({"operator": "Equals"}, "operator 'Equals' is not allowed; expected one of GreaterThan"),
        ({"measure": "{column: Failures}"}, "is not allowed; expected rows, or {column"),
        ({"measure": "{column: 5, aggregation: Total}"}, "'aggregation': 'Total'} is not allowed"),
        (
            {"measure": "{column: [a], aggregation: Total}"},
            "is not allowed; expected rows, or {col",
        ),
        ({"measure": "{column: '', aggregation: Total}"}, "is not allowed; expected rows, or {col"),
        ({"dimensions": "[5]"}, "dimensions [5] is not allowed; expected a list of texts"),
        ({"dimensions": "SrcIpAddr"}, "dimensions 'SrcIpAddr' is not allowed"),
        ({"blind_spots": "[]"}, "blind_spots [] is not allowed; expected a list with at least one"),
        ({"failing_periods": "{min: 0, of: 1}"}, "expected {min: 1-6, of: 1-6}"),
        ({"treshold": "20"}, "treshold is not a known key; did you mean 'threshold'?"),
        ({"response": None}, "response is missing; expected a text"),
        ({"window": "PT5M", "frequency": "PT15M"}, "frequency 'PT15M' is refused by Azure"),
        ({"failing_periods": "{min: 3, of: 2}"}, "failing_periods 3 is refused by Azure"),
        ({"dimensions": "[a, b, c, d, e, f, g]"}, "expected at most 6 columns"),
    ],
)
def test_a_wrong_value_is_refused_with_key_and_expectation(
    tmp_path: Path, changes: dict[str, str | None], message: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(tmp_path, QUERY, **changes)
    assert message in str(refusal.value)


def test_the_message_says_in_which_line(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"too_many_failures\.kql:9\)$"):
        read(tmp_path, threshold="many")


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(tmp_path, severity="9", status="new", response=None)
    assert len(str(refusal.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("T | count", "the head is missing"),
        ("// name: [a\n\nT | count", "the head is not YAML"),
        ("// name: a\n// name: b\n\nT | count", "name stands twice; expected once"),
        ("// name: a\n", "the query is empty"),
        ("// name: a\n\n// only a comment\n", "the query is empty"),
    ],
)
def test_a_file_without_head_or_query_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.kql"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match="broken.kql") as refusal:
        detection.read(path, {})
    assert message in str(refusal.value)


def test_all_bad_files_of_a_folder_are_named(tmp_path: Path) -> None:
    for slug in ("one", "two"):
        (tmp_path / f"{slug}.kql").write_text("T | count\n", encoding="utf-8")
    with pytest.raises(RefusedError) as refusal:
        detection.load_all(tmp_path)
    assert "one.kql" in str(refusal.value)
    assert "two.kql" in str(refusal.value)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("T | evaluate bag_unpack(e)", "bag_unpack"),
        ("let d = 5m; T | where TimeGenerated > ago(d)", "ago"),
        ("T | project AggregatedValue = 1", "AggregatedValue"),
    ],
)
def test_what_log_alerts_forbid_is_refused(tmp_path: Path, query: str, word: str) -> None:
    with pytest.raises(RefusedError, match=word):
        read(tmp_path, query)


def test_words_in_strings_and_comments_are_no_code(tmp_path: Path) -> None:
    query = "T // pivot(x) and ago(d)\n| where a == 'bag_unpack(' and b == @\"LoginEvents \\\""
    assert read(tmp_path, query).functions == ()
    assert read(tmp_path, "T | where LoginEvents() > 1").functions[0].name == "LoginEvents"


def test_a_rule_each_minute_may_not_use_union(tmp_path: Path) -> None:
    query = "union T, U\n| count"
    assert read(tmp_path, query)
    with pytest.raises(RefusedError, match="query 'union' is refused by Azure"):
        read(tmp_path, query, frequency="PT1M")


def test_an_override_changes_what_it_names(tmp_path: Path) -> None:
    found = read(tmp_path)
    changed = detection.override(
        found, {"threshold": 50, "severity": 0, "window": "PT1H", "enabled": False}
    )
    assert (changed.threshold, changed.severity, changed.window) == (50, 0, "PT1H")
    assert not changed.enabled
    assert changed.query == found.query
    assert found.threshold == 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"treshold": 5},
            "too_many_failures.treshold cannot be overridden; did you mean 'threshold'?",
        ),
        ({"threshold": "many"}, "threshold 'many' is not allowed; expected a number"),
        (
            {"frequency": "PT1H"},
            "frequency 'PT1H' is refused by Azure; expected at most the window",
        ),
        ({"enabled": "no"}, "enabled 'no' is not allowed; expected true or false"),
    ],
)
def test_a_wrong_override_names_key_and_slug(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        detection.override(read(tmp_path), changes)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("too_many_failures.")


DYNAMIC = {
    "threshold": "dynamic",
    "sensitivity": "Low",
    "operator": "GreaterOrLessThan",
    "dimensions": "[]",
}


def test_a_dynamic_threshold_is_no_number(tmp_path: Path) -> None:
    found = read(tmp_path, QUERY, **DYNAMIC)
    assert (found.threshold, found.sensitivity, found.is_dynamic) == (None, "Low", True)
    assert not read(tmp_path).is_dynamic


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sensitivity": None}, "sensitivity is missing; expected one of Low, Medium, High"),
        ({"sensitivity": "low"}, "sensitivity 'low' is not allowed; expected one of Low"),
        ({"threshold": "20"}, "sensitivity 'Low' has no use; expected threshold: dynamic"),
        ({"operator": "GreaterThanOrEqual"}, "operator 'GreaterThanOrEqual' is refused by Azure"),
        ({"threshold": "learned"}, "threshold 'learned' is not allowed; expected a number from"),
    ],
)
def test_a_wrong_dynamic_threshold_is_named(
    tmp_path: Path, changes: dict[str, str | None], message: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(tmp_path, QUERY, **{**DYNAMIC, **changes})
    assert message in str(refusal.value)


def test_a_number_is_no_threshold_without_its_operator(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="operator 'GreaterOrLessThan' is refused by Azure"):
        read(tmp_path, operator="GreaterOrLessThan")


def test_an_override_switches_between_the_two_forms(tmp_path: Path) -> None:
    static = read(tmp_path, dimensions="[]")
    learned = detection.override(static, {"sensitivity": "Medium"})
    assert (learned.threshold, learned.operator) == (None, "GreaterThan")
    again = detection.override(learned, {"threshold": 7})
    assert (again.threshold, again.sensitivity, again.is_dynamic) == (7, None, False)
    tighter = detection.override(read(tmp_path, QUERY, **DYNAMIC), {"sensitivity": "High"})
    assert (tighter.sensitivity, tighter.operator) == ("High", "GreaterOrLessThan")


@pytest.mark.parametrize(
    ("head", "changes", "message"),
    [
        ({}, {"sensitivity": "Low"}, "sensitivity 'Low' cannot work per SrcIpAddr; expected it on"),
        ({}, {"threshold": "dynamic"}, "sensitivity is missing; expected one of Low"),
        (
            {"dimensions": "[]"},
            {"threshold": 5, "sensitivity": "Low"},
            "threshold 5 has no use beside a sensitivity",
        ),
        (DYNAMIC, {"threshold": 5}, "threshold 5 cannot work with GreaterOrLessThan"),
        (DYNAMIC, {"sensitivity": "Extreme"}, "sensitivity 'Extreme' is not allowed"),
    ],
)
def test_what_cannot_be_switched_is_refused(
    tmp_path: Path, head: dict[str, str | None], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        detection.override(read(tmp_path, QUERY, **head), changes)
    assert message in str(refusal.value)


def test_an_unknown_slug_is_answered_with_the_nearest() -> None:
    with pytest.raises(RefusedError, match="did you mean 'password_spray'"):
        detection.choose(["pasword_spray"])
    with pytest.raises(RefusedError, match="did you mean 'password_spray'"):
        detection.load("password_sprey")


def test_a_choice_is_essential_all_or_a_list_in_its_order() -> None:
    everything = detection.choose("all")
    assert {each.slug for each in detection.choose("essential")} == {
        each.slug for each in everything if each.essential
    }
    chosen = detection.choose(["sql_injection_probe", "password_spray", "sql_injection_probe"])
    assert [each.slug for each in chosen] == ["sql_injection_probe", "password_spray"]
    with pytest.raises(RefusedError, match="expected essential, all or a list"):
        detection.choose("everything")


def function(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.kql").write_text(text, encoding="utf-8")


def test_functions_come_before_what_uses_them(tmp_path: Path) -> None:
    function(tmp_path, "Inner", "// description: a\n// parameters: text:string\n\ntolower(text)\n")
    function(tmp_path, "Outer", "// description: b\n\nT | extend a = Inner(b)\n")
    function(tmp_path, "Other", "// description: c\n\nU\n")
    found = kql_function.used_by("Outer | count", kql_function.load_all(tmp_path))
    assert [each.name for each in found] == ["Inner", "Outer"]
    assert found[0].as_let() == "let Inner = (text:string) {\ntolower(text)\n};"
    assert found[1].as_let().startswith("let Outer = T | extend a = Inner(b)")


def test_functions_in_a_circle_are_refused(tmp_path: Path) -> None:
    function(tmp_path, "A", "// description: a\n\nB | count\n")
    function(tmp_path, "B", "// description: b\n\nA | count\n")
    with pytest.raises(RefusedError, match="A -> B -> A"):
        kql_function.used_by("A", kql_function.load_all(tmp_path))


def test_a_bad_function_is_named(tmp_path: Path) -> None:
    function(tmp_path, "A", "// parameters: text string\n\nT\n")
    with pytest.raises(RefusedError) as refusal:
        kql_function.load_all(tmp_path)
    assert "description is missing" in str(refusal.value)
    assert "parameters 'text string' cannot be read" in str(refusal.value)


def test_code_keeps_its_lines() -> None:
    code = kql_text.code_only("a // one\n| where b == 'x // y'\n| take 1")
    assert code == 'a \n| where b == ""\n| take 1'
