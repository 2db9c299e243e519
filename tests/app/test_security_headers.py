"""The headers that every answer carries."""

import re

import pytest
from login_app.security_headers import HEADERS

from components.content.places import APP_SOURCE
from tests.support.app_client import Browser

APP = APP_SOURCE / "login_app"


PAGES = ["/", "/login", "/account", "/health"]


@pytest.mark.parametrize("path", [*PAGES, "/nothing", "/static/style.css"])
def test_every_answer_is_hardened(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_kept_by_a_cache(browser: Browser, path: str) -> None:
    assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_the_style_sheet_may_be_kept(browser: Browser) -> None:
    assert "max-age=3600" in browser.get("/static/style.css").headers["Cache-Control"]


def test_the_policy_names_what_must_not_happen() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_scripts_come_from_this_site_only() -> None:
    policy = dict(
        each.strip().split(" ", 1) for each in HEADERS["Content-Security-Policy"].split(";")
    )
    assert policy["script-src"] == "'self'"


def test_no_template_needs_what_the_policy_forbids() -> None:
    pattern = re.compile(r"<script(?! src=\"/static/)|<style|\bstyle=|\bon[a-z]+=|https?://")
    offenders = [
        f"{path.name}: {found[0]}"
        for path in sorted((APP / "templates").glob("*.html"))
        if (found := pattern.search(path.read_text(encoding="utf-8")))
    ]
    assert not offenders, offenders
    assert pattern.search('<a onclick="x()">'), "the pattern finds what it is for"
