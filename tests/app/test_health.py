"""/health proves that it is this app, in which version, and that its database answers."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from login_app.health import read_version
from login_app.heartbeat import Heartbeat
from login_app.services import EXTENSION
from sqlalchemy.exc import OperationalError

from tests.support.app_client import Browser


def test_it_says_ok_in_words_that_a_web_test_can_match(browser: Browser) -> None:
    answer = browser.get("/health")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.text.strip() == '{"status":"ok","app":"login-monitor","version":"source"}'
    assert "Set-Cookie" not in answer.headers


def test_its_first_answer_writes_a_heartbeat_that_is_no_login_event(browser: Browser) -> None:
    browser.get("/health")
    browser.get("/health")
    (line,) = browser.lines
    assert json.loads(line)["EventSchema"] == "Heartbeat"
    assert "Authentication" not in line


def test_a_heartbeat_comes_once_in_five_minutes_and_again_when_the_clock_was_set_back() -> None:
    lines: list[str] = []
    heart, start = Heartbeat("login-app", lines.append), datetime(2026, 1, 5, tzinfo=UTC)
    for seconds in (0, 60, 299, 300, 301, 200):
        heart.beat(start + timedelta(seconds=seconds))
    assert [json.loads(line)["ts"][14:19] for line in lines] == ["00:00", "05:00", "03:20"]


def test_it_says_503_when_nobody_takes_the_log(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_now: datetime) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(app.extensions[EXTENSION].heartbeat, "beat", full)
    answer = browser.get("/health")
    assert (answer.status_code, answer.json and answer.json["status"]) == (
        503,
        "nobody takes the log",
    )


def test_it_says_503_when_the_database_does_not_answer(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def silent() -> None:
        raise OperationalError("SELECT 1", {}, OSError("geheim"))

    monkeypatch.setattr(app.extensions[EXTENSION].users, "ping", silent)
    answer = browser.get("/health")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "database does not answer",
        "app": "login-monitor",
        "version": "source",
    }
    assert caplog.messages == ["database does not answer: OperationalError"]


def test_the_version_is_the_text_beside_the_entry(tmp_path: Path) -> None:
    assert read_version(tmp_path) == "source"
    (tmp_path / "VERSION").write_text("4f2a91c0\n")
    assert read_version(tmp_path) == "4f2a91c0"
