"""Where findings point, what they propose, and what a run goes on with."""

from pathlib import Path

import pytest
import yaml

from lab.check import run
from lab.check.finding import Finding
from tests.support.broken_library import (
    BODY,
    CASE,
    CASES,
    DETECTION,
    FUNCTION,
    SLUG,
    Change,
    checked,
    detection_text,
    on_web,
    write,
)

pytestmark = pytest.mark.usefixtures("without_node")
NAME = "unknown-column"
LOGIN_EVENTS = """// description: Login events.
AppServiceConsoleLogs
| where LogLevel == "Informational"
| project TimeGenerated, EventType = Level, EventResult = ResultDescription, SrcIpAddr = Host
"""


def one(place: Path, change: Change, rule_id: str) -> Finding:
    found = [each for each in checked(place, change).findings if each.rule_id == rule_id]
    assert len(found) == 1, found
    return found[0]


def test_a_column_that_does_not_exist_is_shown_where_it_stands(tmp_path: Path) -> None:
    body = (
        "AppServiceHTTPLogs // ScStatuss\n| where ScStatuss == 404\n"
        "| summarize Failures = count() by CIp"
    )
    found = one(tmp_path, on_web(body), NAME)
    lines = (tmp_path / DETECTION).read_text(encoding="utf-8").splitlines()
    assert found.line
    assert found.column
    assert lines[found.line - 1][found.column - 1 :].startswith("ScStatuss == 404")
    assert found.instead == "did you mean 'ScStatus'?"


def test_a_column_inside_a_function_is_shown_in_the_function_s_file(tmp_path: Path) -> None:
    found = one(tmp_path, Change(files={FUNCTION: LOGIN_EVENTS}), NAME)
    assert found.path.endswith(FUNCTION)
    assert (found.line, found.column) == (3, 9)
    assert found.what == "column 'LogLevel' does not exist"
    assert found.instead == "did you mean 'Level'?"


def test_every_wrong_name_is_found_at_once(tmp_path: Path) -> None:
    body = (
        "AppServiceHttpLogs\n| where ScStat == 404 and UserAgnt != ''\n"
        "| summarize Failures = count() by CIp"
    )
    found = [each.what for each in checked(tmp_path, on_web(body)).findings]
    assert found == [
        "table 'AppServiceHttpLogs' does not exist",
        "column 'ScStat' does not exist",
        "column 'UserAgnt' does not exist",
    ]


def test_a_column_that_a_step_before_took_away_is_not_proposed(tmp_path: Path) -> None:
    """LoginEvents has no Level, only the table behind it has."""
    found = one(tmp_path, Change(body=BODY.replace("| where", "| where LogLevel == '' and")), NAME)
    there = found.instead.removeprefix("expected a column that there is at this step: ").split(", ")
    assert {"EventType", "EventResult", "HttpUserAgent"} <= set(there)
    assert "Level" not in found.instead


def test_a_word_that_is_no_operator_is_named_with_the_nearest(tmp_path: Path) -> None:
    found = one(tmp_path, Change(body=f"{BODY}\n| wher Failures > 0"), "query-does-not-parse")
    lines = (tmp_path / DETECTION).read_text(encoding="utf-8").splitlines()
    assert found.line == lines.index("| wher Failures > 0") + 1
    assert "wher" in found.what


def test_a_column_that_the_query_makes_is_proposed_too(tmp_path: Path) -> None:
    body = f"{BODY}\n| where Failurs > 0"
    found = one(tmp_path, Change(body=body), NAME)
    assert found.instead == "did you mean 'Failures'?"


def test_words_in_comments_and_texts_are_no_code(tmp_path: Path) -> None:
    body = f'// ago(7d), take, bag_unpack(x)\nlet Note = "ago(7d) | pivot(x)";\n{BODY}'
    assert checked(tmp_path, Change(body=body)).findings == []
    code = BODY.replace("| where", "| where TimeGenerated > ago(7d) and")
    found = checked(tmp_path, Change(body=f"{code}\n| evaluate pivot(SrcIpAddr)")).findings
    assert {"lookback-unlike-window", "forbidden-construct"} <= {each.rule_id for each in found}


def test_one_broken_file_does_not_keep_the_others_from_being_checked(tmp_path: Path) -> None:
    other = detection_text({"windw": "PT1H", "threshold": 1}, BODY)
    files = {
        "kql/detections/broken.kql": "// name: [\nT",
        "kql/detections/other.kql": other,
        "cases/other/fires_one.yaml": "events: [{event: {SrcIpAdr: 192.0.2.1}, every: 5 minutes}]",
    }
    report = checked(tmp_path, Change(files=files))
    found = {(Path(each.path).name, each.line, each.rule_id) for each in report.findings}
    assert ("broken.kql", 1, "unreadable-file") in found
    lines = other.splitlines()
    assert ("other.kql", lines.index("// windw: PT1H") + 1, "bad-head") in found
    assert ("other.kql", lines.index("// dimensions:") + 1, "too-many-alerts") in found
    assert ("fires_one.yaml", 1, "bad-case") in found
    assert report.exit_code == run.WRONG


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({f"{CASES}/fires_x.yaml": "event: []"}, "'events'"),
        ({f"{CASES}/fires_x.yaml": "events: [{at: soon, event: {}}]"}, "'soon'"),
        ({f"{CASES}/fires_x.yaml": "events: [{row: {_table: Nope}}]"}, "'Nope'"),
        ({f"{CASES}/fires_x.jsonl": '{"_table": "AppServiceHTTPLogs", "Nope": 1}'}, "Nope"),
        ({f"{CASES}/fires_x.yaml": "a: ["}, "YAML"),
        ({f"{CASES}/other_x.yaml": "events: []"}, "other_x"),
        ({f"{CASES}/boundary.yaml": "unit: {event: {}}"}, "SrcIpAddr"),
    ],
)
def test_a_bad_case_names_file_and_word(files: dict[str, str], word: str, tmp_path: Path) -> None:
    found = one(tmp_path, Change(files=files), "bad-case")
    assert word in found.what + found.instead
    assert Path(found.path).name in str(files)


SPLIT = """every: 5s
unit:
  event: {{SrcIpAddr: 192.0.2.1}}
split: {{{key}: 192.0.2.2}}
"""


@pytest.mark.parametrize(
    ("name", "text", "line", "told"),
    [
        # The word stands above too, where it is no fault.
        ("boundary", SPLIT.format(key="event"), 4, "split.event is not a known key"),
        ("boundary", SPLIT.format(key="SrcIpAddr") + "parts: 3", 5, "parts 3 is not"),
        ("boundary", "unit: {event: {}}\nsplit: {}", 2, "split has no SrcIpAddr"),
        ("boundary", SPLIT.format(key="SrcIpAddr").replace("5s", "10m"), 1, "every 600s is too"),
        (
            "boundary",
            SPLIT.format(key="SrcIpAddr") + "after:\n  - event: {}\n  - every: 5s",
            7,
            "after[1].every is not a known key",
        ),
        ("fires_x", "events:\n  - at: 1s\n    event: {}\n    split: 3", 4, "events[0].split is"),
        ("fires_x", "events:\n  - at: 1s\n    event: {}\n    every: x", 4, "events[0].every 'x'"),
        (
            "fires_x",
            "events:\n  - at: 1s\n    event:\n      SrcIpAddr: x\n      at: 3",
            5,
            "events[0].event.at is not a known key",
        ),
        ("fires_x", "&a\nevents: [{event: {}}]\nmore: *a", 3, "more is not a known key"),
    ],
)
def test_a_wrong_key_of_a_case_is_told_by_its_own_line(
    name: str, text: str, line: int, told: str, tmp_path: Path
) -> None:
    found = one(tmp_path, Change(files={f"{CASES}/{name}.yaml": text}), "bad-case")
    assert told in found.what
    assert (Path(found.path).name, found.line) == (f"{name}.yaml", line)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(), 0),
        (Change({"threshold": 1}), 0),
        (Change({"window": "PT10M"}), run.FAILED),
        (Change(body=BODY.replace("EventResult", "EventResul")), run.FAILED),
        (Change(body=f"{BODY} |"), run.WRONG),
        (Change({"window": "an hour"}), run.WRONG),
        (Change({"window": None}), run.WRONG),
        (Change(files={"cases/stray/fires_one.yaml": ""}), run.WRONG),
    ],
)
def test_the_exit_code_tells_bad_input_from_a_broken_rule(
    change: Change, code: int, tmp_path: Path
) -> None:
    assert checked(tmp_path, change).exit_code == code


def test_only_what_was_asked_for_is_reported(tmp_path: Path) -> None:
    files = {"kql/hunting/wrong.kql": "// name: x\nAppServiceHTTPLog", "cases/stray/a.yaml": ""}
    places = write(tmp_path, Change({"response": "Look"}, files=files))
    findings = run.check([SLUG], places).findings
    assert [each.rule_id for each in findings] == ["sentence-form"]


def test_hunting_queries_and_tiles_are_checked_as_far_as_a_rule_applies(tmp_path: Path) -> None:
    hunting = {
        "name": "Old rows",
        "description": "What came in a week",
        "question": "Who is attacking?",
        "tables": ["AppServiceHTTPLogs"],
        "attack": ["T0"],
    }
    head = "".join(f"// {line}\n" for line in yaml.safe_dump(hunting).splitlines())
    query = "AppServiceHTTPLogs | where TimeGenerated > ago(7d) | where CsUriStm has 'a' | take 5"
    change = Change(files={"kql/hunting/old_rows.kql": f"{head}{query}"})
    found = [each.rule_id for each in checked(tmp_path, change).findings]
    assert sorted(found) == ["description-form", "unknown-column", "unknown-technique"]


@pytest.mark.parametrize(
    ("filter_", "is_wrong"),
    [
        ("where TimeGenerated > ago(7d)", True),
        ("where TimeGenerated > ago(1h)", True),
        ("where TimeGenerated >= ago(5m)", True),
        ("where TimeGenerated > now() - 7d", True),
        ("where TimeGenerated between (ago(7d) .. now())", True),
        ("where TimeGenerated > datetime(2026-01-01)", True),
        ("extend IsNew = TimeGenerated > ago(10m)", False),
        ("extend Minute = bin(TimeGenerated, 1m)", False),
        ("where TimeGenerated < ago(10m)", False),
    ],
)
def test_a_look_back_is_held_against_the_window(
    filter_: str, is_wrong: bool, tmp_path: Path
) -> None:
    body = BODY.replace("LoginEvents", f"LoginEvents\n| {filter_}")
    found = {each.rule_id for each in checked(tmp_path, Change(body=body)).findings}
    assert ("lookback-unlike-window" in found) is is_wrong, found


@pytest.mark.parametrize(
    ("construct", "frequency", "is_wrong"),
    [
        ("| take 5", "PT1M", True),
        ("| limit 5", "PT1M", True),
        ("| extend X = ingestion_time()", "PT1M", True),
        ("| union LoginEvents", "PT1M", True),
        ("| take 5", "PT5M", False),
        ("| evaluate bag_unpack(x)", "PT5M", True),
        ("| evaluate pivot(SrcIpAddr)", "PT5M", True),
        ("| extend AggregatedValue = 1", "PT5M", True),
        ("| where TimeGenerated > ago(Failures)", "PT5M", True),
    ],
)
def test_what_log_alerts_or_the_frequency_forbid_is_named(
    construct: str, frequency: str, is_wrong: bool, tmp_path: Path
) -> None:
    change = Change({"frequency": frequency}, f"{BODY}\n{construct}")
    found = checked(tmp_path, change).findings
    places = [each.line for each in found if each.rule_id == "forbidden-construct"]
    lines = (tmp_path / DETECTION).read_text(encoding="utf-8").splitlines()
    assert places == [lines.index(construct) + 1] * is_wrong


@pytest.mark.parametrize(
    "change",
    [
        Change({"measure": {"column": [1], "aggregation": "Total"}}),
        Change({"dimensions": [["a"]], "tables": [1], "attack": {"a": "b"}}),
        Change({"frequency": {"a": 1}, "operator": 5, "description": 5}),
        Change(body="(" * 500),
        Change(body=f"{BODY}\n| where x == ```abc"),
        Change(files={f"{CASES}/fires_x.yaml": "events: [{at: 99999999999999h, event: {}}]"}),
        Change(files={f"{CASES}/fires_x.yaml": "events: [{row: {_table: AppTraces, 5: 1}}]"}),
        Change(files={f"{CASES}/fires_x.yaml": "events: [{request: {ScStatus: many}}]"}),
        Change(files={FUNCTION: "// description: Itself.\nLoginEvents"}),
        Change(files={"kql/workbooks/empty.kql": ""}),
    ],
)
def test_whatever_a_file_holds_is_a_finding_and_no_crash(change: Change, tmp_path: Path) -> None:
    report = checked(tmp_path, change)
    assert report.exit_code in (run.FAILED, run.WRONG)
    assert all(each.what and each.instead for each in report.findings)


def test_a_file_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    places = write(tmp_path)
    (places.kql / "detections" / "binary.kql").write_bytes(b"\xff\xfe")
    (places.kql / "hunting").mkdir()
    (places.kql / "hunting" / "folder.kql").mkdir()
    (places.cases / SLUG / "fires_binary.yaml").write_bytes(b"\xff")
    found = [(Path(each.path).name, each.rule_id) for each in run.check(places=places).findings]
    assert ("binary.kql", "unreadable-file") in found
    assert ("folder.kql", "unreadable-file") in found
    assert ("fires_binary.yaml", "bad-case") in found


def test_a_rule_whose_threshold_azure_learns_is_measured(tmp_path: Path) -> None:
    """It has no boundary, and no rehearsal can make it fire."""
    head = {"threshold": "dynamic", "sensitivity": "Low", "operator": "GreaterThan"}
    no = dict.fromkeys(f"{CASES}/{name}.yaml" for name in ("fires_one", "fires_two"))
    files = {**no, f"{CASES}/boundary.yaml": None, f"attacks/{SLUG}.py": None}
    lacking = {each.rule_id for each in checked(tmp_path / "a", Change(head, files=files)).findings}
    assert {"missing-cases", "missing-attack"} & lacking == {"missing-cases"}
    measured = {f"{CASES}/measures_{name}.yaml": CASE for name in ("one", "two")}
    change = Change(head, files={**files, **measured})
    found = {each.rule_id for each in checked(tmp_path / "b", change).findings}
    assert "missing-cases" not in found
