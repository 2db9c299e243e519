"""Rules that people bring are told what they catch, miss, accuse and cost, with the rows."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.content.places import CASES
from lab.__main__ import app
from lab.exchange import rule_file
from lab.exchange.foreign_rule import ForeignRule
from lab.judge import own_lines, scenes, verdict
from lab.judge.own_lines import OwnLines
from lab.judge.scenes import Scene
from lab.judge.verdict import Judgment

ATTACKS = (
    *("client_error_burst", "malformed_requests", "method_abuse", "sql_statement_probe"),
    "brute_force_from_one_address",
)


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    """Some scenes of a few attacks, and no whole day."""
    folder = tmp_path_factory.mktemp("cases")
    for slug in ATTACKS:
        (folder / slug).mkdir()
        for kind, most in (("fires", 6), ("silent", 4)):
            for path in sorted((CASES / slug).glob(f"{kind}_*"))[:most]:
                shutil.copy(path, folder / slug)
    return scenes.load(folder, days=0)


def bare(folder: Path, query: str) -> ForeignRule:
    file = folder / "mine.kql"
    file.write_text(query, encoding="utf-8")
    (found,) = rule_file.read(file)
    return found


def judged(own: ForeignRule, some: Sequence[Scene]) -> Judgment:
    return verdict.judge(own, list(some))


def test_any_console_line_fires_on_everything(tmp_path: Path, some: list[Scene]) -> None:
    own = bare(tmp_path, "AppServiceConsoleLogs\n| where TimeGenerated > ago(15m)")
    found = judged(own.changed({"windowSize": "PT15M"}), some)
    assert found.verdict == "fires on everything"
    assert len(found.found.accused) == len(found.found.of("ordinary"))
    assert found.advice[0].rows, "the row that shows it"
    assert "EventResult == " in found.advice[0].better
    assert found.retrial is not None
    assert found.retrial.accused < len(found.found.accused)


def test_a_rule_that_warns_of_silence_is_judged_without_a_row_to_show(
    tmp_path: Path, some: list[Scene]
) -> None:
    changes = {"operator": "LessThan", "threshold": 1}
    found = judged(bare(tmp_path, "AppServiceHTTPLogs").changed(changes), some)
    assert found.found.of("attack")
    assert [each.kind for each in found.advice if each.kind == "one-alert-for-all"]


def test_one_status_misses_its_neighbours_and_fires_at_one_error(
    tmp_path: Path, some: list[Scene]
) -> None:
    query = (
        "AppServiceHTTPLogs\n| where ScStatus == 400\n| summarize count() by bin(TimeGenerated, 1m)"
    )
    found = judged(bare(tmp_path, query), some)
    first = found.advice[0]
    assert first.kind == "one-status-of-many"
    assert "404, 405, 414" in first.what
    assert "a single 400 is enough" in first.what
    assert [row["ScStatus"] for row in first.rows] == [400, 404, 405, 414]
    assert found.found.one_row is not None
    assert found.verdict == "accuses innocent people"
    assert any("bad request" in each.scene.title for each in found.found.accused)
    assert found.retrial is not None
    assert found.retrial.accused < len(found.found.accused)


def test_the_path_alone_misses_the_query_and_takes_a_selection_for_an_attack(
    tmp_path: Path, some: list[Scene]
) -> None:
    found = judged(bare(tmp_path, 'AppServiceHTTPLogs | where CsUriStem contains "SELECT"'), some)
    first = found.advice[0]
    assert first.kind == "path-without-query"
    assert "select" in str(first.rows[0]["CsUriQuery"]).lower()
    assert "/selection" in [row["CsUriStem"] for row in first.rows]
    assert "CsUriQuery" in first.better
    assert found.retrial is not None
    assert found.retrial.caught > len(found.caught)


def test_a_threshold_above_what_the_query_gives_can_never_fire(
    tmp_path: Path, some: list[Scene]
) -> None:
    query = (
        'AppServiceConsoleLogs\n| where ResultDescription contains "REFUSED"\n'
        "| summarize Refused = count() by bin(TimeGenerated, 5m)"
    )
    lines = OwnLines("REFUSED {TargetUsername}")
    found = judged(bare(tmp_path, query).changed({"threshold": 5}), own_lines.told(some, lines))
    assert found.verdict == "can never fire"
    assert "2 rows at most" in found.advice[0].what
    assert found.advice[0].rows[0]["Refused"] > 5
    assert found.retrial is not None
    assert found.retrial.caught > 0


def test_a_table_that_nothing_fills_can_never_fire(tmp_path: Path, some: list[Scene]) -> None:
    found = judged(bare(tmp_path, "AppServiceAppLogs | where Message has 'refused'"), some)
    assert found.verdict == "can never fire"
    assert "nothing fills AppServiceAppLogs" in found.advice[0].what
    assert found.advice[0].rows[0]["_table"] == "AppServiceConsoleLogs"


def test_a_threshold_in_a_let_is_told_and_measured(tmp_path: Path, some: list[Scene]) -> None:
    query = (
        "let Most = 10;\nAppServiceHTTPLogs\n| where ScStatus between (400 .. 499)\n"
        "| summarize Errors = count() by CIp\n| where Errors > Most"
    )
    quick = [each for each in some if each.attack == "client_error_burst"]
    found = judged(bare(tmp_path, query).changed({"windowSize": "PT30M"}), quick)
    hidden = next(each for each in found.advice if each.kind == "hidden-threshold")
    assert "compares Errors with 10" in hidden.what
    assert hidden.better == "measure the Maximum of Errors, GreaterThan 10"
    assert hidden.query is not None
    assert "Most" not in hidden.query


def test_a_sound_rule_is_told_so(tmp_path: Path, some: list[Scene]) -> None:
    query = (
        'LoginEvents | where EventType == "Logon" and EventResult == "Failure"\n'
        "| summarize Failures = sum(EventCount), Accounts = dcount(TargetUsername) by SrcIpAddr\n"
        "| where Accounts <= 1 and Failures > 15"
    )
    dimensions = [{"name": "SrcIpAddr", "operator": "Include", "values": ["*"]}]
    own = bare(tmp_path, query).changed({"windowSize": "PT5M", "dimensions": dimensions})
    quick = [each for each in some if each.kind == "attack" or "person" in each.title]
    found = judged(own, quick)
    assert [each.scene.attack for each in found.caught] != []
    assert found.verdict == "sound", [each.scene.title for each in found.found.accused]


def test_the_rule_is_judged_as_it_is_typed(
    tmp_path: Path, some: list[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.kql"
    file.write_text("AppServiceHTTPLogs\n| where ScStatus == 404\n", encoding="utf-8")
    monkeypatch.setattr(scenes, "load", lambda: some)
    options = ["--threshold", "20", "--window", "PT30M", "--dimensions", "CIp", "--operator", ">"]
    found = CliRunner().invoke(app, ["judge", str(file), *options, "--json"])
    assert found.exit_code == 1
    (rule,) = json.loads(found.stdout)["rules"]
    assert rule["condition"] == {
        "aggregation": "Count",
        "measure": "rows",
        "operator": "GreaterThan",
        "threshold": 20.0,
        "window": "PT30M",
        "frequency": "PT5M",
        "dimensions": ["CIp"],
        "failing_periods": {"min": 1, "of": 1},
    }
    assert "client_error_burst" in [each["attack"] for each in rule["caught"]]
    assert "brute_force_from_one_address" in rule["unseen"]
    assert rule["monthly"] == {"amount": 1.8, "currency": "USD"}
    assert all(each["rows"] for each in rule["caught"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--window", "PT7M"], "--window 'PT7M' is not one of Azure's; did you mean"),
        (["--operator", "bigger"], "--operator 'bigger' is not one of Azure's"),
        (
            ["--measure", "Sum:Hits"],
            "--measure 'Sum:Hits' cannot be read; expected rows, or one of",
        ),
        (["--failing-periods", "two"], "expected two numbers such as 2/3"),
        (["--failure-line", "no {Name}"], "--failure-line has {Name}, which no sign-in has"),
        (["--rule", "other"], "rule 'other' is not in"),
    ],
)
def test_an_option_that_cannot_be_is_refused(
    options: list[str], expected: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.kql"
    file.write_text("AppServiceHTTPLogs", encoding="utf-8")
    found = CliRunner().invoke(app, ["judge", str(file), *options])
    assert found.exit_code == 2
    assert expected in found.output


def test_an_attacker_below_a_limit_is_no_ordinary_scene() -> None:
    below = scenes.attackers_below_limits()
    assert below
    for entry in below:
        assert list(CASES.glob(f"{entry}.*")), f"{entry} is no case"
