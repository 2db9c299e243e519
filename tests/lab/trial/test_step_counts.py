"""`lab explain`: where the rows of a case went."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from components.content.places import CASES
from lab.__main__ import app
from lab.clock.rfc3339 import parse
from lab.logs.log_tables import LogTables
from lab.trial.step_counts import Step
from lab.verbs import explain as explain_verb
from lab.verbs.explain import samples

SLUG = "password_spray"


def explained(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["explain", SLUG, *arguments], env={"COLUMNS": "100"})


def test_each_step_has_its_rows_and_the_measure_its_verdict() -> None:
    found = json.loads(explained("--case", "boundary:fires_at_10", "--json").output)
    rows = [(step["pipeline"], step["rows"], step["text"].split("=")[0]) for step in found["steps"]]
    assert rows[0] == ("LoginEvents", 10, "AppServiceConsoleLogs")
    assert (10, "| where IsTry and SrcIpAddr !") in [each[1:] for each in rows]
    assert rows[-1][:2] == ("", 1)
    assert [(each["value"], each["fires"]) for each in found["measured"]] == [(10, True)]
    assert found["steps"][-1]["sample"]["Accounts"] == 10


def test_the_step_that_takes_the_rows_away_is_seen() -> None:
    found = json.loads(
        explained("--case", "boundary:silent_at_10_of_another_event_type", "--json").output
    )
    counts = {
        step["text"]: step["rows"] for step in found["steps"] if step["pipeline"] != "LoginEvents"
    }
    assert counts["LoginEvents"] == 10
    (where,) = [text for text in counts if "IsTry" in text]
    assert counts[where] == 0
    assert found["measured"] == []


def test_a_person_reads_a_table() -> None:
    name = next(path.stem for path in sorted((CASES / SLUG).glob("fires_*.yaml")))
    shown = explained("--case", name)
    assert shown.exit_code == 0
    assert "the query" in shown.output
    assert "fires (fires when >= 10)" in shown.output


@pytest.mark.parametrize("width", [50, 80, 140])
def test_counts_are_whole_however_narrow_the_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    explain_verb.command("request_flood", "boundary:fires_at_1500")
    lines = capsys.readouterr().out.splitlines()
    assert max(len(each) for each in lines[1:-1]) <= width
    assert any(each.split()[:2] == ["rows", "step"] for each in lines)
    assert sum(each.startswith(" 1500 ") for each in lines) == 2


def test_the_sample_shows_first_what_the_next_step_looks_at() -> None:
    row = {"CsHost": "app.example.com", "CIp": "198.51.100.7", "CsUriQuery": "q=1", "Cookie": ""}
    steps = [
        Step("", "AppServiceHTTPLogs", 2, row),
        Step("", '| where CsUriQuery has "token"', 1, row),
        Step("", "| summarize count() by CIp", 1, {"CIp": "198.51.100.7", "count_": 1}),
    ]
    assert list(samples(steps)) == [
        "CsUriQuery q=1, CIp 198.51.100.7, CsHost app.example.com",
        "CIp 198.51.100.7, CsUriQuery q=1, CsHost app.example.com",
        "CIp 198.51.100.7, count_ 1",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--case", "fires"), "case 'fires' is unknown"),
        (("--case", "boundary:fires_at_11"), "did you mean 'boundary:fires_at_10'?"),
        (("--case", "x", "--rehearsal"), "expected one of them"),
    ],
)
def test_a_wrong_wish_is_named(arguments: tuple[str, ...], message: str) -> None:
    found = explained(*arguments)
    assert found.exit_code == 2
    assert message in " ".join(found.output.split())


def test_without_a_name_a_case_that_fires_is_explained() -> None:
    shown = explained()
    assert shown.exit_code == 0
    assert "brute_force" not in shown.output
    assert f"{SLUG}, fires_" in shown.output


def test_the_rows_of_the_last_rehearsal_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGIN_MONITOR_LAB", str(tmp_path))
    assert explained("--rehearsal").exit_code == 2
    event = {"EventSchema": "Authentication", "EventType": "Logon", "EventResult": "Failure"}
    rows = [
        {
            "TimeGenerated": f"2026-03-04T10:{number:02}:00Z",
            "ResultDescription": json.dumps(
                event | {"TargetUsername": f"user{number}", "SrcIpAddr": "198.51.100.7"}
            ),
        }
        for number in range(15)
    ]
    (tmp_path / "run").mkdir()
    tables = LogTables(tmp_path / "run" / "rows.duckdb")
    tables.write("AppServiceConsoleLogs", rows, parse("2026-03-04T10:30:00Z"))
    tables.close()
    found = json.loads(explained("--rehearsal", "--json").output)
    assert found["measured"][0] == {
        "dimensions": {"SrcIpAddr": "198.51.100.7"},
        "value": 15,
        "fires": True,
    }
