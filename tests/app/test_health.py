"""/health proves that it is this app, in which version, and that its database answers."""

from pathlib import Path

import pytest
from flask import Flask
from login_app.health import read_version
from login_app.services import EXTENSION
from sqlalchemy.exc import OperationalError

from tests.app.browser import Browser


def test_it_says_ok_in_words_that_a_web_test_can_match(browser: Browser) -> None:
    answer = browser.get("/health")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.text.strip() == '{"status":"ok","app":"login-monitor","version":"source"}'
    assert "Set-Cookie" not in answer.headers
    assert browser.lines == []


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
