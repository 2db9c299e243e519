"""Platform alerts in every form of the report."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from lab.report import voice
from lab.report.model import Report
from lab.report.page import render
from lab.report.terminal import show
from tests.support.reports import HOSTILE, alert, report


def with_platform(scenario: str | None = "password_spray", name: str = "client-errors") -> Report:
    entry = replace(alert(), slug=name, dimensions={}, severity=3, scenario=scenario)
    return replace(report(), platform_alerts=[entry])


def printed(found: Report) -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voice, "out", Console(file=out, width=200))
        show(found)
    return out.getvalue()


def test_the_terminal_tells_of_them_apart_from_the_verdict() -> None:
    text = printed(with_platform())
    assert "platform alerts: client-errors; sent 1 webhook\n" in text
    assert "platform alert" not in printed(report())


def test_the_page_has_a_table_of_them_where_there_are_any() -> None:
    page = render(with_platform(), {})
    assert "Platform alerts" in page
    assert "client-errors" in page
    assert "Platform alerts" not in render(report(), {})


def test_the_page_says_when_nothing_explains_one() -> None:
    assert "nothing: a false alert" in render(with_platform(None), {})


def test_the_json_lists_them_apart() -> None:
    found = json.loads(with_platform().dumps())
    assert [each["slug"] for each in found["platform_alerts"]] == ["client-errors"]
    assert "client-errors" not in {each["slug"] for each in found["alerts"]}
    assert json.loads(report().dumps())["platform_alerts"] == []


def test_a_hostile_name_stays_a_name() -> None:
    for name in HOSTILE:
        found = with_platform(name=name)
        assert "<script>alert" not in render(found, {})
        assert "\x1b" not in printed(found)
