"""An error gets a small page of ours, and nothing of the inside shows on it."""

import pytest
from flask import Flask

from tests.support.app_client import Browser


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/nothing", 404),
        ("GET", "/static/../wsgi.py", 404),
        ("GET", "/<script>alert(1)</script>", 404),
        ("DELETE", "/login", 405),
        ("GET", "/logout", 405),
        ("POST", "/account", 405),
    ],
)
def test_an_error_has_a_page(browser: Browser, method: str, path: str, status: int) -> None:
    answer = browser.client.open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "text/html; charset=utf-8"
    assert f">{status}</p>" in answer.text
    assert "<script>" not in answer.text
    assert browser.lines == []


def test_a_405_names_what_is_allowed(browser: Browser) -> None:
    assert set(browser.client.put("/logout").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_an_unforeseen_error_shows_nothing_of_the_inside(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("the inside")

    app.view_functions["pages.home"] = broken
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "the inside" not in answer.text
    assert ">500</p>" in answer.text
    assert [record.exc_info is not None for record in caplog.records] == [True]
