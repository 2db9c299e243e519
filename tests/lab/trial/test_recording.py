"""`lab record`: rows of a rehearsal become a case, without secrets."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from components.content import detection, places
from lab.__main__ import app
from lab.clock.rfc3339 import parse
from lab.logs.log_tables import LogTables
from lab.trial import case_run, recording
from lab.verbs import record as record_verb

SLUG = "request_flood"
ATTACKER = "198.51.100.7"


@pytest.fixture
def rehearsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flood beside an ordinary visitor; cases go to a folder of their own."""
    rows = [
        {
            "TimeGenerated": f"2026-03-04T10:{10 + number // 500}:{number % 50:02}Z",
            "CIp": ATTACKER,
            "CsMethod": "GET",
            "CsUriStem": "/search",
            "CsUriQuery": "q=1&session=4f3c2b1a",
            "Cookie": "sid=abcdef; theme=dark",
            "ScStatus": 200,
        }
        for number in range(2000)
    ]
    rows += [{**rows[0], "CIp": "192.0.2.1", "CsUriStem": "/"}] * 5
    run = tmp_path / "run"
    run.mkdir()
    tables = LogTables(run / "rows.duckdb")
    tables.write("AppServiceHTTPLogs", rows, parse("2026-03-04T10:20:00Z"))
    tables.close()
    monkeypatch.setenv("LOGIN_MONITOR_LAB", str(tmp_path))
    monkeypatch.setattr(places, "CASES", tmp_path / "cases")
    return tmp_path


def record(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["record", SLUG, *arguments])


def test_the_rows_of_the_alert_become_a_case_that_passes(rehearsed: Path) -> None:
    found = record("--name", "a flood as rehearsed")
    assert found.exit_code == 0, found.output
    path = rehearsed / "cases" / SLUG / "fires_a_flood_as_rehearsed.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {row["CIp"] for row in rows} == {ATTACKER}
    assert {*rows[0]} == {"_table", "TimeGenerated", "CIp", "CsUriStem", "ScStatus"}
    results = {each.name: each for each in case_run.run([SLUG], rehearsed / "cases")}
    assert results[path.stem].passed
    assert record("--name", "a flood as rehearsed").exit_code == 2


TOKENS = """AppServiceHTTPLogs
| extend Token = extract("session=([^&]+)", 1, CsUriQuery)
| summarize Tokens = dcount(Token), Pages = dcount(CsUriStem) by CIp"""


def judging(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """The library's flood with another query, under its own slug."""
    changed = replace(detection.load(SLUG), **changes)  # type: ignore[arg-type]
    monkeypatch.setattr(detection, "load", lambda _slug: changed)


def test_a_rule_over_what_is_masked_is_told_which_column(
    rehearsed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[dict[str, object]] = [
        {
            "TimeGenerated": f"2026-03-04T11:10:{number:02}Z",
            "CIp": ATTACKER,
            "CsUriStem": "/reset",
            "CsUriQuery": f"session=s3cr3t{number}",
        }
        for number in range(30)
    ]
    tables = LogTables(rehearsed / "run" / "rows.duckdb")
    tables.write("AppServiceHTTPLogs", rows, parse("2026-03-04T11:12:00Z"))
    tables.close()
    judging(monkeypatch, query=TOKENS, measure_column="Tokens", threshold=20.0)
    found = record()
    said = " ".join(found.output.split())
    assert found.exit_code == 2, said
    assert "request_flood fired: its query depends on what was masked in CsUriQuery" in said
    assert "made-up values" in said
    assert "s3cr3t" not in said
    assert not (rehearsed / "cases").exists()


def test_what_the_masks_change_is_told_from_what_they_do_not() -> None:
    seen = [{"CIp": ATTACKER, "Referer": f"code={n}", "CsUriQuery": f"sid={n}"} for n in range(3)]

    def told_apart(*columns: str) -> recording.Judge:
        return lambda rows: any(len({row[name] for row in rows}) == 3 for name in columns)

    assert recording.changed_by_masking(seen, told_apart("CsUriQuery")) == ["CsUriQuery"]
    both = recording.changed_by_masking(seen, told_apart("CsUriQuery", "Referer"))
    assert both == ["CsUriQuery", "Referer"]
    assert recording.changed_by_masking(seen, lambda rows: False) == []
    flood = detection.load(SLUG)
    assert "nothing that was masked matters" in str(record_verb.why_not(flood, [], fired=True))


def test_a_wish_that_the_rows_do_not_fulfil_is_refused(rehearsed: Path) -> None:
    found = record("--silent")
    assert found.exit_code == 2
    assert "is not what the rows do" in found.output
    assert not (rehearsed / "cases").exists()
    assert record("--name", "../x").exit_code == 2


def test_without_a_rehearsal_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGIN_MONITOR_LAB", str(tmp_path))
    found = record()
    assert found.exit_code == 2
    assert "run a rehearsal first" in found.output


def test_what_could_let_somebody_in_is_masked() -> None:
    row = {
        "Cookie": "sid=abcdef; theme=dark",
        "CsUriQuery": "next=/a&access_token=abc123&csrf=def&author=1&inside=2",
        "ResultDescription": '{"SessionId":"s3cr3t","EventSchema":"Authentication"}',
        "Referer": "https://app.example.com/?code=xyz",
        "UserAgent": "Bearer abcdefghijk eyJhbGciOi.eyJzdWIiOi.c2ln",
        "ScStatus": 200,
    }
    found = recording.masked(row)
    text = json.dumps(found)
    for secret in ("abcdef", "dark", "abc123", "def&", "s3cr3t", "xyz", "abcdefghijk", "eyJ"):
        assert secret not in text, secret
    assert "author=1&inside=2" in text
    assert "Authentication" in text
    assert found["ScStatus"] == 200
