"""The noise figures: alerts on ordinary people alone."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from components.content import attack_coverage, detection
from lab.rehearsal.rehearsal import Options
from lab.report.model import AlertEntry, Report
from lab.tuning.noise import OrdinaryDays, measured

START = datetime(2026, 1, 5, tzinfo=UTC)


def report(*slugs: str) -> Report:
    alerts = [
        AlertEntry(slug, {}, 3, START, None, 1.0, delivered=(), scenario=None) for slug in slugs
    ]
    figures = {"requests": 7, "rows": 9}
    return Report("inprocess", "local", START, START, [], [], alerts, alerts, figures)


@pytest.mark.parametrize(("hours", "expected"), [(24.0, 2.0), (12.0, 4.0), (48.0, 1.0)])
def test_alerts_are_counted_for_a_day(hours: float, expected: float) -> None:
    watching = [detection.load("password_spray"), detection.load("user_enumeration")]
    found = measured(
        report("password_spray", "password_spray"), watching, hours, 0, date(2026, 1, 5)
    )
    assert [each.alerts_a_day for each in found.figures] == [expected, 0.0]
    written = json.loads(json.dumps(found.as_json()))
    assert written["detections"]["password_spray"] == {
        "digest": attack_coverage.digest(watching[0]),
        "alerts": 2,
        "alerts_a_day": expected,
    }


def test_nobody_attacks_on_an_ordinary_day(tmp_path: Path) -> None:
    with OrdinaryDays(Options(hours=0.5, state=tmp_path)) as days:
        appearances = days._appearances()
    assert appearances
    assert not any(each.is_attack for each in appearances)
