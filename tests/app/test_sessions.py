"""Sessions can be listed and ended, end by themselves, and never come back."""

import re
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from login_app import SESSION_COOKIE
from login_app.schema import SessionRow
from login_app.services import EXTENSION
from sqlalchemy import select

from tests.support.app_client import USERNAME, Browser

BuildApp = Callable[..., Flask]
START = "2026-01-05T07:30:00Z"
HOUR = 3600


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie(SESSION_COOKIE)
    assert cookie
    return cookie.value


def with_cookie(app: Flask, lines: list[str], cookie: str) -> Browser:
    other = Browser(app, lines, address="203.0.113.9")
    other.client.set_cookie(SESSION_COOKIE, cookie)
    return other


def sign_out(browser: Browser) -> None:
    assert browser.post("/logout", csrf_token=browser.token("/account")).status_code == 302


def test_after_signing_out_the_old_cookie_is_worth_nothing_and_its_use_is_told(
    app: Flask, browser: Browser
) -> None:
    browser.sign_in()
    stolen = cookie_of(browser)
    sign_out(browser)
    mark = browser.last_event()["TargetSessionId"]
    assert with_cookie(app, browser.lines, stolen).get("/account").status_code == 302
    event = browser.last_event()
    assert (event["EventType"], event["EventResult"]) == ("Logoff", "Failure")
    assert event["EventResultDetails"] == "Session expired"
    assert event["EventOriginalResultDetails"] == "SessionReplayed"
    assert (event["TargetUsername"], event["SrcIpAddr"]) == (USERNAME, "203.0.113.9")
    assert event["TargetSessionId"] == mark


@pytest.mark.parametrize(("pause", "is_live"), [(12 * HOUR, True), (12 * HOUR + 1, False)])
def test_a_session_lasts_twelve_hours_however_it_is_used(
    browser: Browser, pause: int, is_live: bool
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        browser.sign_in()
        for _ in range(pause // 1200):
            clock.shift(1200)
            browser.get("/account")
        clock.shift(pause % 1200)
        assert (browser.get("/account").status_code == 200) is is_live
    if not is_live:
        event = browser.last_event()
        assert (event["EventType"], event["EventResult"]) == ("Logoff", "Success")
        assert event["EventOriginalResultDetails"] == "SessionExpired"


@pytest.mark.parametrize(("pause", "is_live"), [(1800, True), (1801, False)])
def test_a_session_that_is_not_used_ends_after_half_an_hour(
    browser: Browser, pause: int, is_live: bool
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        browser.sign_in()
        clock.shift(pause)
        assert (browser.get("/account").status_code == 200) is is_live


def test_both_times_are_settings(build_app: BuildApp, lines: list[str]) -> None:
    browser = Browser(build_app(session_hours=1, session_idle_minutes=40), lines)
    with time_machine.travel(START, tick=False) as clock:
        browser.sign_in()
        clock.shift(2400)
        assert browser.get("/account").status_code == 200
        clock.shift(1201)
        assert browser.get("/account").status_code == 302


def test_a_clock_that_is_set_back_ends_no_session(browser: Browser) -> None:
    with time_machine.travel(START, tick=False) as clock:
        browser.sign_in()
        clock.shift(-HOUR)
        assert browser.get("/account").status_code == 200


def test_the_account_page_lists_sign_ins_and_ends_them(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    phone = Browser(app, browser.lines, address="192.0.2.20")
    phone.headers["User-Agent"] = "Mozilla/5.0 (Android 15; Mobile) Firefox/140.0"
    phone.sign_in()
    page = browser.get("/account").text
    assert "Firefox on Android" in page
    assert "192.0.2.20" in page
    number = re.search(r'name="session" value="(\d+)"', page)
    assert number
    token = browser.token("/account")
    browser.post("/sessions/end", csrf_token=token, session=number[1])
    assert phone.get("/account").status_code == 302
    assert browser.get("/account").status_code == 200
    ended = [event for event in browser.events() if event.get("EventSubType") == "SessionsEnded"]
    assert len(ended) == 1


def test_all_others_end_at_once(app: Flask, browser: Browser) -> None:
    others = [Browser(app, browser.lines) for _ in range(3)]
    for each in (*others, browser):
        each.sign_in()
    browser.post("/sessions/end", csrf_token=browser.token("/account"), session="others")
    assert [each.get("/account").status_code for each in others] == [302] * 3
    assert browser.get("/account").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(build_app: BuildApp, lines: list[str]) -> None:
    users = {USERNAME: "down the rabbit hole", "mallory": "down the rabbit hole"}
    app = build_app(initial_users=users)
    alice, mallory = Browser(app, lines), Browser(app, lines)
    alice.sign_in()
    mallory.sign_in("mallory")
    token = mallory.token("/account")
    for number in ("1", "2", "-1", "x", "9" * 50, "1 OR 1=1"):
        mallory.post("/sessions/end", csrf_token=token, session=number)
        if mallory.get("/account").status_code != 200:
            mallory.sign_in("mallory")
            token = mallory.token("/account")
    assert alice.get("/account").status_code == 200


def test_the_database_holds_no_text_that_signs_in(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    with browser.client.session_transaction(base_url="https://localhost") as cookie:
        token = cookie["sid"]
    with app.extensions[EXTENSION].engine.connect() as connection:
        row = connection.execute(select(SessionRow.__table__)).one()
    assert token not in map(str, row)
    assert token not in "\n".join(browser.lines)
    assert len(row.token_hash) == 64


def test_a_deleted_users_number_is_never_given_again(app: Flask, browser: Browser) -> None:
    browser.sign_in()
    engine = app.extensions[EXTENSION].engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM users")
        connection.exec_driver_sql(
            "INSERT INTO users (username, password_hash, setting_hash, must_change, "
            "password_set_at, factor_step, recovery_hashes) VALUES ('ceo', '', '', 0, 0, 0, '')"
        )
    assert browser.get("/account").status_code == 302
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM users").scalar() == 2
