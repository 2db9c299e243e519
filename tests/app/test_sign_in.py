"""/login and /logout: what the visitor is answered, and what the log is told."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from http.cookies import SimpleCookie
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from login_app import SESSION_COOKIE as SESSION
from login_app import create_app
from login_app.settings import Settings

from tests.support.app_client import ADDRESS, PASSWORD, USERNAME, Browser, csrf_token, without_token

LONG = "x" * 20_000


def test_the_right_password_signs_in_and_is_logged(browser: Browser) -> None:
    answer = browser.sign_in()
    assert (answer.status_code, answer.location) == (302, "/account")
    assert browser.get("/account").status_code == 200
    event = browser.last_event()
    assert UUID(event.pop("EventOriginalUid")).version == 4
    assert event.pop("ts").endswith("Z")
    assert re.fullmatch("[0-9a-f]{16}", event.pop("TargetSessionId"))
    assert event == {
        "EventSchema": "Authentication",
        "EventSchemaVersion": "0.1.4",
        "EventVendor": "login-monitor",
        "EventProduct": "login-app",
        "EventType": "Logon",
        "EventResult": "Success",
        "LogonMethod": "Username & Password",
        "PasswordKnownLeaked": False,
        "FamiliarPlace": False,
        "TargetUsername": USERNAME,
        "SrcIpAddr": ADDRESS,
        "SrcPortNumber": 40123,
        "HttpUserAgent": "Browser/1.0",
        "TargetAppName": "login-app",
    }
    assert len(browser.lines) == 1


@pytest.mark.parametrize(
    ("username", "details"), [(USERNAME, "Incorrect password"), ("mallory", "No such user")]
)
def test_only_the_log_tells_a_wrong_password_from_an_unknown_user(
    browser: Browser, username: str, details: str
) -> None:
    answer = browser.sign_in(username, "wrong")
    assert answer.status_code == 401
    event = browser.last_event()
    assert (event["EventResult"], event["EventResultDetails"]) == ("Failure", details)
    assert event["TargetUsername"] == username
    assert "EventOriginalResultDetails" not in event
    assert browser.get("/account").location == "/login"


def test_the_answer_is_the_same_to_the_byte(browser: Browser) -> None:
    known = browser.sign_in(USERNAME, "wrong")
    unknown = browser.sign_in("mallory", "wrong, and longer")
    assert without_token(known.text) == without_token(unknown.text)
    assert [pair for pair in known.headers if pair[0] != "Date"] == list(unknown.headers)


def test_a_refused_visitor_can_try_again_with_the_form_that_came_back(browser: Browser) -> None:
    token = csrf_token(browser.sign_in(password="wrong").text)
    answer = browser.post("/login", username=USERNAME, password=PASSWORD, csrf_token=token)
    assert answer.status_code == 302


def test_signing_out_ends_the_session_and_is_logged(browser: Browser) -> None:
    browser.sign_in()
    answer = browser.post("/logout", csrf_token=browser.token("/account"))
    assert (answer.status_code, answer.location) == (302, "/")
    event = browser.last_event()
    assert (event["EventType"], event["EventResult"]) == ("Logoff", "Success")
    assert event["TargetUsername"] == USERNAME
    assert browser.get("/account").status_code == 302


def test_signing_out_when_nobody_is_signed_in_is_no_event(browser: Browser) -> None:
    answer = browser.post("/logout", csrf_token=browser.token())
    assert answer.status_code == 302
    assert browser.lines == []


@pytest.mark.parametrize("token", ["", "forged", "x.y.z", LONG[:5000]])
def test_a_post_without_a_good_token_is_refused_and_logged(browser: Browser, token: str) -> None:
    browser.token()
    answer = browser.post("/login", username=USERNAME, password=PASSWORD, csrf_token=token)
    assert answer.status_code == 400
    assert 'name="csrf_token"' in answer.text, "the form with a fresh token"
    event = browser.last_event()
    assert (event["EventResult"], event["EventResultDetails"]) == ("Failure", "Other")
    assert event["EventOriginalResultDetails"] == "CsrfFailed"
    assert event["TargetUsername"] == USERNAME
    assert browser.get("/account").status_code == 302


def test_a_token_of_another_session_does_not_count(app: Flask, browser: Browser) -> None:
    foreign = Browser(app, []).token()
    assert browser.sign_in(csrf_token=foreign).status_code == 400


def test_signing_out_without_a_token_leaves_the_visitor_signed_in(browser: Browser) -> None:
    browser.sign_in()
    assert browser.post("/logout").status_code == 400
    event = browser.last_event()
    assert (event["EventType"], event["EventOriginalResultDetails"]) == ("Logoff", "CsrfFailed")
    assert event["TargetUsername"] == USERNAME
    assert browser.get("/account").status_code == 200


def test_signing_in_starts_a_new_session(browser: Browser) -> None:
    before = browser.token()
    browser.sign_in(csrf_token=before)
    stale = browser.post("/login", username=USERNAME, password=PASSWORD, csrf_token=before)
    assert stale.status_code == 400, "a token planted before the sign-in still counts after it"


def test_the_session_cookie_is_for_this_site_only_and_ends_with_the_browser(
    browser: Browser,
) -> None:
    sent = browser.sign_in().headers.getlist("Set-Cookie")
    (cookie,) = (SimpleCookie(text)[SESSION] for text in sent if text.startswith(SESSION))
    assert SESSION.startswith("__Host-")
    assert cookie["path"] == "/"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["expires"]
    assert not cookie["max-age"]
    assert not cookie["domain"]


def test_a_form_that_stood_open_for_hours_still_works(browser: Browser) -> None:
    with time_machine.travel("2026-01-05T07:30:00Z", tick=False) as clock:
        token = browser.token()
        clock.shift(11 * 3600)
        assert browser.sign_in(csrf_token=token).status_code == 302


def test_a_session_signed_with_another_key_is_worth_nothing(
    browser: Browser, build_app: Callable[..., Flask]
) -> None:
    browser.sign_in()
    cookie = browser.client.get_cookie(SESSION)
    assert cookie
    stranger = Browser(build_app(secret_key="q" * 32), [])
    stranger.client.set_cookie(SESSION, cookie.value)
    assert stranger.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "location"),
    [("/", "/"), ("//evil.example.com", "/account"), ("https://evil.example.com", "/account")],
)
def test_next_is_kept_through_a_wrong_try_and_leads_nowhere_else(
    browser: Browser, wanted: str, location: str
) -> None:
    form = browser.get(f"/login?next={wanted}").text
    assert ('name="next" value="/"' in form) is (wanted == "/")
    assert "evil" not in form
    again = browser.sign_in(password="wrong", next=wanted).text
    assert ('name="next" value="/"' in again) is (wanted == "/")
    assert browser.sign_in(next=wanted).location == location


@pytest.mark.parametrize(
    "username",
    [
        "o'neill",
        "josé",
        "<script>alert(1)</script>",
        '"}\n{"EventResult":"Success"}',
        "a\x00b",
        "\u202eecila",
        "\N{GRINNING FACE}",
        "alice ",
        "' OR '1'='1",
        "{{7*7}}",
    ],
)
def test_a_strange_name_is_logged_as_it_came_and_never_shown(
    browser: Browser, username: str
) -> None:
    answer = browser.sign_in(username, "wrong")
    assert answer.status_code == 401
    assert username not in answer.text
    assert browser.last_event()["TargetUsername"] == username
    assert len(browser.lines[-1].splitlines()) == 1


def test_both_spellings_of_an_accent_are_one_user_in_the_log_too(
    build_app: Callable[..., Flask], lines: list[str]
) -> None:
    browser = Browser(build_app(initial_users={"jos\u00e9": PASSWORD}), lines)
    assert browser.sign_in(unicodedata.normalize("NFD", "jos\u00e9"), PASSWORD).status_code == 302
    browser.sign_in(unicodedata.normalize("NFD", "jos\u00e9"), "wrong")
    assert {event["TargetUsername"] for event in browser.events()} == {"jos\u00e9"}


@pytest.mark.parametrize("form", [{}, {"username": ""}, {"password": "x"}, {"username": USERNAME}])
def test_a_form_with_a_field_missing_is_a_failed_try(
    browser: Browser, form: dict[str, str]
) -> None:
    answer = browser.post("/login", csrf_token=browser.token(), **form)
    assert answer.status_code == 401
    assert browser.last_event()["EventResult"] == "Failure"


@pytest.mark.parametrize("field", ["username", "password", "csrf_token", "extra"])
def test_an_overlong_field_is_refused_before_anything_reads_it(
    browser: Browser, field: str
) -> None:
    answer = browser.sign_in(**{field: LONG})
    assert answer.status_code == 413
    (event,) = browser.events()
    assert event["EventOriginalResultDetails"] == "BodyTooLarge"
    assert "TargetUsername" not in event


def test_bytes_that_are_no_form_are_a_failed_token(browser: Browser) -> None:
    answer = browser.client.post(
        "/login", data=b"\xff\xfe=\x00&&&=", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400
    assert browser.last_event()["EventOriginalResultDetails"] == "CsrfFailed"


def test_no_password_reaches_the_log(browser: Browser) -> None:
    secret = "s3cret-passphrase"
    browser.sign_in(USERNAME, secret)
    browser.sign_in("mallory", secret)
    browser.post("/login", username=USERNAME, password=secret)
    browser.sign_in()
    everything = "\n".join(browser.lines)
    assert secret not in everything
    assert PASSWORD not in everything
    assert browser.client.get_cookie(SESSION)
    assert str(browser.client.get_cookie(SESSION)) not in everything


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("203.0.113.66, 198.51.100.7:4711", "198.51.100.7"),
        ("203.0.113.66,203.0.113.67 , [2001:db8::7]:4711", "2001:db8::7"),
    ],
)
def test_a_forged_forwarding_header_does_not_change_the_logged_address(
    browser: Browser, header: str, address: str
) -> None:
    browser.headers["X-Forwarded-For"] = header
    browser.sign_in(password="wrong")
    event = browser.last_event()
    assert (event["SrcIpAddr"], event["SrcPortNumber"]) == (address, 4711)


def test_a_user_agent_of_any_length_and_shape_leaves_one_short_line(browser: Browser) -> None:
    browser.headers["User-Agent"] = "\u00e9\x85\x7f\"'" * 2000
    browser.sign_in(password="wrong")
    assert len(browser.lines[-1].encode()) < 4096
    assert browser.last_event()["HttpUserAgent"].endswith("…")


def test_a_sign_in_that_cannot_be_logged_does_not_happen(settings: Settings) -> None:
    def broken(line: str) -> None:
        if "Authentication" in line:
            raise BrokenPipeError

    app = create_app(replace(settings, app_name="unheard"), write_line=broken)
    browser = Browser(app, [])
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert browser.get("/account").status_code == 302
    (left,) = app.extensions["login_app"].sessions.of(1)
    assert left.ended_at, "a session that nobody has the cookie of goes on"
    app.extensions["login_app"].engine.dispose()


def test_an_event_line_holds_the_app_name_of_the_settings(
    build_app: Callable[..., Flask], lines: list[str]
) -> None:
    Browser(build_app(app_name="shop"), lines).sign_in()
    assert json.loads(lines[-1])["TargetAppName"] == "shop"
