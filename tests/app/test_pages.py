"""The pages for people."""

from collections.abc import Callable

import pytest
from flask import Flask
from login_app.schema import User
from login_app.services import EXTENSION
from sqlalchemy import delete

from tests.support.app_client import PASSWORD, USERNAME, Browser


def test_the_account_belongs_to_who_is_signed_in(browser: Browser) -> None:
    assert browser.get("/account").location == "/login"
    browser.sign_in()
    page = browser.get("/account").text
    assert USERNAME in page
    assert 'action="/logout"' in page


def test_a_user_deleted_meanwhile_is_signed_out(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    with app.extensions[EXTENSION].engine.begin() as connection:
        connection.execute(delete(User))
    assert browser.get("/account").status_code == 302
    assert browser.get("/").text.count('href="/login"') == 2, "the page still says signed in"


def test_a_name_that_looks_like_markup_is_only_text(
    build_app: Callable[..., Flask], lines: list[str]
) -> None:
    app = build_app(initial_users={"<b>bold</b>": PASSWORD})
    browser = Browser(app, lines)
    browser.sign_in("<b>bold</b>", PASSWORD)
    assert "&lt;b&gt;bold&lt;/b&gt;" in browser.get("/account").text


@pytest.mark.parametrize("path", ["/", "/login", "/nothing"])
def test_each_page_has_a_language_a_title_and_a_way_past_its_head(
    browser: Browser, path: str
) -> None:
    page = browser.get(path).text
    assert '<html lang="en">' in page
    assert "<title></title>" not in page
    assert 'href="#content"' in page
    assert page.count("<h1>") == 1


def test_every_field_of_the_form_has_its_label_and_the_problem_is_announced(
    browser: Browser,
) -> None:
    page = browser.sign_in(password="wrong").text
    for field in ("username", "password"):
        assert f'<label for="{field}">' in page
        assert f'id="{field}" name="{field}"' in page
    assert 'role="alert" id="problem"' in page


@pytest.mark.parametrize("path", ["/", "/login", "/health", "/static/style.css"])
def test_head_answers_like_get_without_a_body(browser: Browser, path: str) -> None:
    answer = browser.client.head(path, buffered=True)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.content_length == browser.get(path).content_length


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/login", {"GET", "HEAD", "OPTIONS", "POST"}), ("/logout", {"OPTIONS", "POST"})],
)
def test_options_names_the_methods(browser: Browser, path: str, methods: set[str]) -> None:
    answer = browser.client.options(path)
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == methods
    assert browser.lines == []
