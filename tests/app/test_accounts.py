"""Accounts as the setting declares them, and passwords as their owners change them."""

import json
import time
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from login_app.passwords import objection
from login_app.settings import InitialPasswords

from tests.support.app_client import PASSWORD, USERNAME, Browser, without_token

BuildApp = Callable[..., Flask]
NEW = "quite another phrase 77"


def change(browser: Browser, old: str = PASSWORD, new: str = NEW) -> int:
    form = {"csrf_token": browser.token("/password"), "current": old, "password": new}
    return browser.post("/password", **form).status_code


def test_an_owner_changes_the_password_and_other_browsers_are_out(
    app: Flask, browser: Browser
) -> None:
    other = Browser(app, browser.lines)
    other.sign_in()
    browser.sign_in()
    assert change(browser) == 302
    event = browser.last_event()
    assert (event["EventSchema"], event["EventType"]) == ("UserManagement", "PasswordChanged")
    assert event["TargetUsername"] == event["ActorUsername"] == USERNAME
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert Browser(app, browser.lines).sign_in().status_code == 401
    assert Browser(app, browser.lines).sign_in(password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "status", "words"),
    [
        ("wrong", NEW, 401, "current password is wrong"),
        (PASSWORD, "short", 400, "at least 12 characters"),
        (PASSWORD, PASSWORD, 400, "the password you have"),
        (PASSWORD, "alicealicealice", 400, "can be guessed"),
        (PASSWORD, "passwordpassword", 400, "can be guessed"),
        (PASSWORD, "", 400, "at least 12 characters"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    browser: Browser, old: str, new: str, status: int, words: str
) -> None:
    browser.sign_in()
    token = browser.token("/password")
    answer = browser.post("/password", csrf_token=token, current=old, password=new)
    assert answer.status_code == status
    assert words in answer.text
    assert new not in answer.text or not new
    assert Browser(browser.client.application, []).sign_in().status_code == 302


def test_a_borrowed_browser_does_not_guess_the_current_password_for_long(
    browser: Browser,
) -> None:
    browser.sign_in()
    assert [change(browser, old="wrong") for _ in range(6)] == [401] * 5 + [429]


@pytest.mark.parametrize(
    "password", ["tlön uqbar orbis tertius", "x7#kQ!9vLm2$", "four plain words here"]
)
def test_a_good_password_has_no_objection(password: str) -> None:
    assert objection(password, USERNAME) is None


def test_judging_the_longest_password_takes_no_time_to_speak_of() -> None:
    started = time.perf_counter()
    objection("aB3$" * 4000, "x" * 150)
    assert time.perf_counter() - started < 2


def test_a_password_of_the_setting_must_be_changed_first(
    build_app: BuildApp, lines: list[str]
) -> None:
    browser = Browser(build_app(initial_passwords=InitialPasswords.CHANGE), lines)
    assert browser.sign_in().location == "/password"
    for path in ("/account", "/account"):
        assert browser.get(path).location == "/password"
    token = browser.token("/password")
    assert browser.post("/sessions/end", csrf_token=token).location == "/password"
    assert change(browser) == 302
    assert browser.get("/account").status_code == 200
    assert Browser(browser.client.application, lines).sign_in(password=NEW).location == "/account"


@pytest.fixture
def start(build_app: BuildApp, told_at_start: list[str]) -> Callable[..., list[str]]:
    """Starts the app with changed settings; what it tells of accounts then."""

    def started(**changes: object) -> list[str]:
        build_app(**changes)
        events = map(json.loads, told_at_start)
        return sorted(f"{event['EventType']} {event['TargetUsername']}" for event in events)

    return started


def test_the_setting_declares_who_has_an_account(
    build_app: BuildApp, lines: list[str], start: Callable[..., list[str]]
) -> None:
    first = {USERNAME: PASSWORD, "bob": PASSWORD, "eve": PASSWORD}
    app = build_app(initial_users=first)
    browsers = {name: Browser(app, lines) for name in first}
    for name, browser in browsers.items():
        assert browser.sign_in(name).status_code == 302

    second = {USERNAME: NEW, "carol": PASSWORD, "bob": PASSWORD}
    told = start(initial_users=second)
    assert told == ["PasswordReset alice", "UserCreated carol", "UserDisabled eve"]
    assert start(initial_users=second) == [], "it is done once"

    app = build_app(initial_users=second)
    assert [browser.get("/account").status_code for browser in browsers.values()] == [302, 200, 302]
    assert Browser(app, lines).sign_in(USERNAME, PASSWORD).status_code == 401
    assert Browser(app, lines).sign_in(USERNAME, NEW).status_code == 302
    assert Browser(app, lines).sign_in("carol").status_code == 302
    gone = Browser(app, lines)
    assert gone.sign_in("eve").status_code == 401
    assert gone.last_event()["EventResultDetails"] == "User disabled"
    gone.sign_in("eve", "wrong")
    assert gone.last_event()["EventResultDetails"] == "Incorrect password"

    told = start(initial_users=first)
    assert told == ["PasswordReset alice", "UserDisabled carol", "UserEnabled eve"]


def test_what_a_user_has_chosen_stays_as_long_as_the_setting_stays(
    build_app: BuildApp, lines: list[str], start: Callable[..., list[str]]
) -> None:
    browser = Browser(build_app(), lines)
    browser.sign_in()
    change(browser)
    assert start() == []
    assert Browser(build_app(), lines).sign_in(password=NEW).status_code == 302
    assert start(initial_users=None) == []
    assert Browser(build_app(initial_users=None), lines).sign_in(password=NEW).status_code == 302


def test_a_disabled_user_cannot_be_told_from_a_wrong_password(
    build_app: BuildApp, lines: list[str]
) -> None:
    build_app(initial_users={USERNAME: PASSWORD, "eve": PASSWORD})
    app = build_app()
    right = Browser(app, lines).sign_in("eve")
    wrong = Browser(app, lines).sign_in("eve", "wrong")
    assert without_token(right.text) == without_token(wrong.text)


def test_the_day_of_the_password_is_shown(browser: Browser) -> None:
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False):
        browser.sign_in()
        change(browser)
        assert "01 Mar 2026, 10:00 UTC" in browser.get("/account").text
