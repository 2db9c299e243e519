"""Log bytes of a request and of a sign-in: measured in rows, read from reports."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.limits.refusal import RefusedError
from lab.cost import log_volume
from lab.cost.usage import expected
from lab.logs.log_tables import LogTables

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
STAMP = "2026-01-05T08:59:00Z"


def test_the_text_of_every_billed_column_counts(tables: LogTables) -> None:
    row = {
        "TimeGenerated": STAMP,
        "CsMethod": "GET",
        "CsUriStem": "/héllo",
        "ScStatus": 200,
        "_ResourceId": "x" * 500,
        "TenantId": "y" * 500,
    }
    tables.write(log_volume.REQUESTS, [row] * 4, NOW)
    tables.write(log_volume.CONSOLE, [{"TimeGenerated": STAMP, "ResultDescription": "z" * 80}], NOW)
    found = log_volume.measure(tables, NOW + timedelta(hours=1), 2, "now")
    time = len("2026-01-05 08:59:00")
    assert found.requests == 4
    assert found.bytes_a_request == time + len("GET") + len("/héllo".encode()) + len("200")
    assert found.bytes_a_sign_in == (time + 80) / 2


def test_a_run_without_traffic_measures_nothing(tables: LogTables) -> None:
    found = log_volume.measure(tables, NOW, 0, "now")
    assert (found.bytes_a_request, found.bytes_a_sign_in) == (0, 0)


def test_gigabytes_are_those_of_the_bill() -> None:
    volume = log_volume.LogVolume(200, 600, 1, 1, "")
    assert volume.gigabytes(5_000_000, 0) == 1.0
    assert volume.gigabytes(0, 5_000_000) == 3.0


def test_a_report_is_read_back(tmp_path: Path) -> None:
    volume = log_volume.LogVolume(200, 600, 5, 6, "measured")
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"cost": {"log_volume": volume.as_json()}}), encoding="utf-8")
    assert log_volume.of_report(file) == volume


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "does not exist; expected the report of a rehearsal"),
        ("{", "cannot be read"),
        ("[]", "holds no measured log volume"),
        ('{"version": 1}', "holds no measured log volume"),
        ('{"cost": {"log_volume": {"bytes_a_request": 1}}}', "cannot be used"),
        (
            json.dumps(
                {"cost": {"log_volume": log_volume.LogVolume(-1, 600, 5, 6, "x").as_json()}}
            ),
            "cannot be used",
        ),
    ],
)
def test_a_report_that_is_none_is_refused(tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "report.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match=words):
        log_volume.of_report(file)


def test_what_is_left_out_follows_from_the_users() -> None:
    usage = expected(100)
    assert (usage.sign_ins_a_day, usage.requests_a_day) == (200, 2400)
    assert expected(100, sign_ins_a_day=10).requests_a_day == 120


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"users": 0}, "--users 0 is out of range; expected 1 to 100,000,000"),
        ({"users": -5}, "--users -5"),
        ({"users": 10**12}, "--users 1000000000000"),
        ({"sign_ins_a_day": -1.0}, "--sign-ins -1"),
        ({"requests_a_day": float("nan")}, "--requests nan"),
        ({"requests_a_day": 5.0}, "less than the sign-ins"),
        ({"alerts_a_month": -1}, "--alerts -1"),
        ({"series": 0}, "--series 0"),
    ],
)
def test_a_use_that_cannot_be_is_refused(given: dict[str, float], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        expected(**given)  # type: ignore[arg-type]
