"""`python -m lab`: what its verbs answer, and what bad input gets."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from components.content import detection
from components.content.places import ROOT
from lab.__main__ import app
from lab.logs.log_tables import LogTables

SLUGS = sorted(detection.load_all())
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ATTACKER = "203.0.113.77"

Lab = Callable[..., Result]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Runs a command in this process; nothing but an exit code may come out of it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")

    def run(*arguments: str, stdin: str = "") -> Result:
        found = CliRunner().invoke(app, list(arguments), input=stdin)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exc_info
        assert "Traceback" not in found.output
        return found

    return run


def words(found: Result) -> str:
    return " ".join(found.output.replace("│", " ").split())


def event(second: float, address: str = ATTACKER, result: str = "Failure") -> dict[str, Any]:
    """A row of the console's log as an export has it."""
    when = (START + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")
    login = {
        "ts": when,
        "EventSchema": "Authentication",
        "EventType": "Logon",
        "EventResult": result,
        "EventResultDetails": "Incorrect password",
        "TargetUsername": f"user{second:g}",
        "SrcIpAddr": address,
    }
    return {
        "_table": "AppServiceConsoleLogs",
        "TimeGenerated": when,
        "ResultDescription": json.dumps(login),
    }


@pytest.fixture
def attack() -> list[str]:
    """Two tries on each of thirty accounts in five minutes, in no order."""
    lines = [json.dumps(event(second)) for second in range(0, 300, 10) for _ in range(2)]
    return lines[::-2] + lines[::2]


def test_help_names_every_verb(lab: Lab) -> None:
    found = lab("--help")
    assert found.exit_code == 0
    for verb in ("rehearse", "replay", "test", "query", "list"):
        assert verb in found.stdout
        assert lab(verb, "--help").exit_code == 0


def test_no_verb_at_all_is_wrong_usage_with_the_help(lab: Lab) -> None:
    found = lab()
    assert found.exit_code == 2
    assert "rehearse" in found.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["reherse"], "'rehearse'"),
        (["rehearse", "--reprot", "x"], "--report"),
        (["rehearse", "--only", "pasword_spray"], "'password_spray'"),
        (["rehearse", "--stack", "lokal"], "'local'"),
        (["rehearse", "--hours", "many"], "'--hours'"),
        (["rehearse", "--hours", "0"], "0.1"),
        (["rehearse", "--hours", "nan"], "'--hours'"),
        (["rehearse", "--seed", "x"], "'--seed'"),
        (["rehearse", "--ingestion-delay", "-1"], "'--ingestion-delay'"),
        (["test", "pasword_spray"], "password_spray"),
        (["replay"], "logs"),
        (["replay", "logs.jsonl", "--stack", "lokal"], "'local'"),
        (["query"], "no query is given; expected one such as"),
    ],
)
def test_a_slip_is_wrong_usage_and_told_with_what_is_expected(
    lab: Lab, arguments: list[str], told: str
) -> None:
    found = lab(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert told in words(found)


def test_a_report_folder_that_is_a_file_is_refused_before_the_run(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    found = lab("rehearse", "--report", str(tmp_path / "taken"))
    assert (found.exit_code, found.stdout) == (2, "")
    assert f"{tmp_path}/taken: File exists" in found.stderr


def test_list_shows_each_detection_in_80_columns(lab: Lab) -> None:
    found = lab("list")
    assert found.exit_code == 0
    assert max(len(line.rstrip()) for line in found.stdout.splitlines()) <= 80
    for slug, each in detection.load_all().items():
        assert slug in found.stdout
        sign = {"GreaterThanOrEqual": ">=", "LessThan": "<", "GreaterOrLessThan": "<>"}
        threshold = "learned" if each.threshold is None else f"{each.threshold:g}"
        measure = each.measure_column or "rows"
        assert f"{measure} {sign[each.operator]} {threshold}" in found.stdout
    assert "missing" not in found.stdout


def test_list_shows_the_rest_and_names_what_cannot_be_read(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in ("password_spray", "request_flood", "user_enumeration"):
        text = (detection.DETECTIONS / f"{slug}.kql").read_text(encoding="utf-8")
        if slug == "request_flood":
            text = text.replace("// severity: ", "// severty: ")
        (tmp_path / f"{slug}.kql").write_text(text, encoding="utf-8")
    usual = detection.load_readable
    monkeypatch.setattr(detection, "load_readable", lambda: usual(tmp_path))
    found = lab("list")
    assert found.exit_code == 2
    assert "password_spray" in found.stdout
    assert "user_enumeration" in found.stdout
    assert "request_flood" not in found.stdout
    assert "did you mean 'severity'?" in found.stderr
    assert "request_flood.kql:" in found.stderr


def test_replay_finds_the_alerts_in_recorded_rows(
    lab: Lab, attack: list[str], tmp_path: Path
) -> None:
    logs = tmp_path / "logs.jsonl"
    logs.write_text("\n".join(attack), encoding="utf-8")
    found = lab("replay", str(logs), "--report", str(tmp_path / "report"))
    assert found.exit_code == 0, found.output
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["detections"] == []
    assert report["figures"]["rows"] == len(attack)
    assert {"requests", "virtual_s", "wall_s"} <= report["figures"].keys()
    fired = {alert["slug"]: alert["dimensions"] for alert in report["alerts"]}
    assert fired["brute_force_from_one_address"] == {"SrcIpAddr": ATTACKER}
    assert fired["password_spray"] == {"SrcIpAddr": ATTACKER}
    assert (tmp_path / "report" / "report.html").exists()
    assert "password_spray" in found.stdout
    logins = report["logins"]
    assert (logins["sources"], logins["note"]) == (["json"], "")
    assert logins["events"] == logins["rows"] == len(attack)
    assert "are login events (source json)" in found.stdout


def test_replay_reads_the_lines_of_an_app_that_writes_others(lab: Lab, tmp_path: Path) -> None:
    """Forty wrong passwords and the right one, as a student's app prints them."""
    start, logs = datetime(2026, 1, 5, 8, tzinfo=UTC), tmp_path / "logs.jsonl"
    tries = [
        (30 * number, f"WARNING:app:LOGIN_FAILED username=bob {number}") for number in range(40)
    ]
    lines = [
        {
            "_table": "AppServiceConsoleLogs",
            "TimeGenerated": (start + timedelta(seconds=seconds)).isoformat(),
            "ResultDescription": f"{text} ip={ATTACKER}:50000",
        }
        for seconds, text in [*tries, (1300, "INFO:app:LOGIN_SUCCESS username=bob")]
    ]
    logs.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = lab("replay", str(logs), "--report", str(tmp_path / "report"))
    assert found.exit_code == 0, found.output
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    fired = {alert["slug"]: alert["dimensions"] for alert in report["alerts"]}
    assert fired["brute_force_from_one_address"] == {"SrcIpAddr": ATTACKER}
    assert fired["success_after_failures"] == {"TargetUsername": "bob", "SrcIpAddr": ATTACKER}
    assert (report["logins"]["sources"], report["logins"]["events"]) == (["lines"], 41)
    assert "set loginSources: [lines]" in report["logins"]["note"]
    assert any("scripted_sign_ins (agent)" in notice for notice in report["notices"])


def test_replay_refuses_a_source_that_is_none(lab: Lab, tmp_path: Path) -> None:
    logs = tmp_path / "logs.jsonl"
    logs.write_text("", encoding="utf-8")
    found = lab("replay", str(logs), "--source", "line")
    assert found.exit_code == 2
    assert "'line' is unknown; did you mean 'lines'?" in found.stderr


def test_replay_refuses_bad_lines_by_number_and_keeps_the_rest(
    lab: Lab, attack: list[str], tmp_path: Path
) -> None:
    bad = {
        3: "{broken",
        10: '{"_table": "AppServiceConsoleLog", "TimeGenerated": "2026-01-05T09:00:00Z"}',
        20: json.dumps({**event(1), "_ResourceId": 5, "TimeGenerated": None}),
        30: json.dumps({**event(1), "TimeGenerated": "yesterday"}),
        40: "[1, 2]",
        41: "\udcff",
    }
    lines = list(attack)
    for number, line in sorted(bad.items()):
        lines.insert(number - 1, line)
    logs = tmp_path / "logs.jsonl"
    logs.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    found = lab("replay", str(logs), "--report", str(tmp_path / "report"))
    assert found.exit_code == 2
    refused = [line for line in found.stderr.splitlines() if line.startswith(f"{logs}:")]
    assert [int(line.removeprefix(f"{logs}:").split(":")[0]) for line in refused] == list(bad)
    assert "'AppServiceConsoleLogs'" in refused[1]
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["figures"]["rows"] == len(attack)
    assert report["figures"]["refused_lines"] == len(bad)
    assert "password_spray" in {alert["slug"] for alert in report["alerts"]}


def test_replay_of_many_bad_lines_shows_some_and_their_number(lab: Lab, tmp_path: Path) -> None:
    logs = tmp_path / "logs.jsonl"
    logs.write_text("{nonsense\n" * 5000, encoding="utf-8")
    found = lab("replay", str(logs))
    assert found.exit_code == 2
    assert "5000 lines refused in all" in found.stderr
    assert len(found.stderr.splitlines()) < 40


def test_replay_of_an_empty_file_has_no_alerts(lab: Lab, tmp_path: Path) -> None:
    logs = tmp_path / "logs.jsonl"
    logs.touch()
    found = lab("replay", str(logs))
    assert found.exit_code == 0
    assert "0 alerts" in found.stdout


@pytest.mark.parametrize(
    ("name", "told"), [("absent.jsonl", "No such file or directory"), (".", "Is a directory")]
)
def test_replay_of_what_is_no_file_is_told(lab: Lab, tmp_path: Path, name: str, told: str) -> None:
    found = lab("replay", str(tmp_path / name))
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.splitlines()[-1].endswith(told)


@pytest.fixture
def last_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `lab query` looks for rows: an empty folder."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("LOGIN_MONITOR_LAB", str(folder.parent))
    return folder


@pytest.fixture
def rows(last_run: Path) -> Path:
    """Rows of a run that is over; one has a name that a terminal must not obey."""
    tables = LogTables(last_run / "logs.duckdb")
    names = ("ana.o'neill", "[/][bold]x\x1b[2J")
    for number, name in enumerate(names):
        row = event(number)
        login = {**json.loads(row["ResultDescription"]), "TargetUsername": name}
        del row["_table"]
        row["ResultDescription"] = json.dumps(login)
        tables.write("AppServiceConsoleLogs", [row], START + timedelta(minutes=3))
    tables.close()
    return last_run


def test_query_without_a_rehearsal_says_what_to_run(lab: Lab, last_run: Path) -> None:
    found = lab("query", "LoginEvents")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "run a rehearsal first (make lab)" in found.stderr


def test_query_of_a_run_that_was_cut_off_says_what_to_do(lab: Lab, last_run: Path) -> None:
    (last_run / "logs.duckdb").write_bytes(b"nothing that DuckDB wrote")
    found = lab("query", "LoginEvents")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "make lab" in found.stderr


def test_query_knows_the_saved_functions_and_shows_rows(lab: Lab, rows: Path) -> None:
    found = lab("query", "LoginEvents | project TargetUsername, SrcIpAddr")
    assert found.exit_code == 0
    assert "ana.o'neill" in found.stdout
    assert ATTACKER in found.stdout


def test_query_shows_a_hostile_name_as_text(lab: Lab, rows: Path) -> None:
    found = lab("query", "LoginEvents | project TargetUsername")
    assert "[/][bold]x\\x1b[2J" in found.stdout
    assert "\x1b" not in found.stdout


def test_query_reads_standard_input(lab: Lab, rows: Path) -> None:
    found = lab("query", "-", stdin="LoginEvents\n| count\n")
    assert found.exit_code == 0
    assert "2" in found.stdout


@pytest.mark.parametrize(
    ("kql", "told"),
    [
        ("AppServiceConsoleLogs | where ResultDescripton != ''", "'ResultDescription'"),
        ("AppServiceConsoleLog | count", "'AppServiceConsoleLogs'"),
        ("AppServiceConsoleLogs | wher x", "operator 'wher' is unknown; did you mean 'where'?"),
        ("LoginEvents | where Foo == 1", "EventType, FamiliarPlace, HttpUserAgent, IsTry"),
        ("AppServiceConsoleLogs | where (", "'(' is not closed; expected ')' (line 1, column 31)"),
        ("", "the query is empty; expected one such as"),
    ],
)
def test_query_that_cannot_be_run_names_the_nearest(
    lab: Lab, rows: Path, kql: str, told: str
) -> None:
    found = lab("query", kql)
    assert (found.exit_code, found.stdout) == (2, "")
    assert told in found.stderr
    assert "ContainerId" not in found.stderr


def test_the_module_runs_as_a_command() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "lab", "tset"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert "'test'" in found.stderr
