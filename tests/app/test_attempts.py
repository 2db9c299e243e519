"""Whatever becomes of an attempt, it leaves one event; and the cheap refusals are cheap."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from flask import Flask
from login_app import guards, refusals
from login_app.attempt import Attempt
from login_app.refusals import Refusal
from login_app.services import EXTENSION
from login_app.settings import Captcha, canonical_username
from sqlalchemy.exc import OperationalError

from tests.support.app_client import PASSWORD, USERNAME, Browser

BuildApp = Callable[..., Flask]
SECRET = "LEAKME123"


def broken(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(f"SELECT '{SECRET}'", {"a": SECRET}, OSError(SECRET)),
        OSError(28, f"No space left on device: {SECRET}"),
        RuntimeError(SECRET),
        MemoryError(SECRET),
        UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize(
    "place",
    [
        ("users", "verify"),
        ("sessions", "start"),
        ("sessions", "is_familiar"),
        ("throttle", "try_address"),
        ("throttle", "locked"),
        ("hash_room", "run"),
        ("devices", "read"),
    ],
    ids=".".join,
)
def test_an_attempt_that_fails_inside_is_one_event_and_a_503(
    app: Flask,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    place: tuple[str, str],
) -> None:
    service = getattr(app.extensions[EXTENSION], place[0])
    monkeypatch.setattr(service, place[1], broken(error))
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert SECRET not in answer.text
    assert 'name="password"' in answer.text, "the form to try again with"
    (event,) = browser.events()
    assert (event["EventResult"], event["EventResultDetails"]) == ("Failure", "Other")
    assert event["EventOriginalResultDetails"] == "AppFault"
    assert event["TargetUsername"] == USERNAME
    monkeypatch.undo()
    assert browser.sign_in().status_code == 302, "it recovers by itself"


def test_a_new_guard_is_one_function_with_its_refusal(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = Refusal(503, "Closed at night.", refusals.RATE_LIMITED.details, "Closed", "After ten.")

    def night(_: Attempt) -> Refusal | None:
        return closed

    monkeypatch.setattr(guards, "SIGN_IN", (night, *guards.SIGN_IN))
    answer = browser.sign_in()
    assert (answer.status_code, "Closed at night." in answer.text) == (503, True)
    assert browser.last_event()["EventOriginalResultDetails"] == "Closed"


def test_the_guards_stand_in_the_order_of_their_price() -> None:
    assert [guard.__name__ for guard in guards.SIGN_IN] == [
        "own_site",
        "size",
        "address_limit",
        "token",
        "account_throttle",
        "challenge",
        "password",
        "second_factor",
    ]


# Marks that a normalisation sorts by insertion, in time that grows with their square.
WORST_NAME = "a" + "\u0301" * 4000 + "\u0323" * 4000


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 303),
        ({}, 400),
        ({"limited": "yes"}, 429),
    ],
    ids=["own site", "token", "address limit"],
)
def test_the_worst_input_costs_a_refusal_hardly_more_than_a_plain_one(
    build_app: BuildApp, lines: list[str], refused: dict[str, str], status: int
) -> None:
    app = build_app(rate_limit="1 per day" if "limited" in refused else "99999 per day")
    browser = Browser(app, lines)
    if "limited" in refused:
        browser.post("/login")
    browser.headers |= refused

    def cost(name: str) -> float:
        taken = []
        for _ in range(15):
            started = time.perf_counter()
            answer = browser.client.post(
                "/login",
                data=f"username={name}".encode(),
                content_type="application/x-www-form-urlencoded",
                headers=browser.headers,
            )
            taken.append(time.perf_counter() - started)
            assert answer.status_code == status
        return median(taken)

    plain, worst = cost("a" * len(WORST_NAME.encode())), cost(WORST_NAME)
    assert worst < 5 * plain + 0.005
    assert max(len(line) for line in lines) < 4096


def test_a_name_is_cut_before_it_is_normalised() -> None:
    started = time.perf_counter()
    for _ in range(100):
        cut = canonical_username(WORST_NAME * 10)
    assert time.perf_counter() - started < 0.5
    assert len(cut) == 151, "one too long to be anybody's"


@pytest.mark.parametrize(
    ("headers", "is_foreign"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://behind-a-proxy.example"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost"}, False),
        ({"Origin": "null"}, True),
        ({"Origin": "https://evil.example.com"}, True),
        ({"Origin": "http://localhost.evil.example.com"}, True),
        ({"Origin": "http://[broken"}, True),
    ],
)
def test_what_a_foreign_page_sends_is_refused_before_it_counts(
    build_app: BuildApp, lines: list[str], headers: dict[str, str], is_foreign: bool
) -> None:
    app = build_app(rate_limit="3 per minute")
    browser = Browser(app, lines)
    plain = dict(browser.headers)
    browser.headers |= headers
    answer = browser.sign_in()
    assert (answer.status_code, answer.location) == (
        (303, "/login") if is_foreign else (302, "/account")
    )
    if is_foreign:
        for _ in range(5):
            browser.post("/login", username="chosen-by-the-page")
        assert {event["EventOriginalResultDetails"] for event in browser.events()} == {"CrossSite"}
        assert not any("TargetUsername" in event for event in browser.events())
        browser.headers = plain
        assert browser.sign_in().status_code == 302, "the visitor is kept out of her own account"


def test_a_page_of_the_account_does_not_take_a_foreign_form(browser: Browser) -> None:
    browser.sign_in()
    token = browser.token("/password")
    browser.headers["Sec-Fetch-Site"] = "cross-site"
    for path in ("/password", "/second-factor", "/sessions/end", "/reset", "/logout"):
        assert browser.post(path, csrf_token=token).status_code == 403
    del browser.headers["Sec-Fetch-Site"]
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize("path", ["/password", "/second-factor", "/sessions/end", "/reset"])
def test_no_form_is_taken_without_its_token_or_with_too_much(browser: Browser, path: str) -> None:
    browser.sign_in()
    assert browser.post(path).status_code == 400
    token = browser.token("/account")
    assert browser.post(path, csrf_token=token, code="x" * 20_000).status_code == 413


def test_a_full_room_of_hashes_is_a_503_and_an_event(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = app.extensions[EXTENSION].hash_room
    seats = 0
    while room._seats.acquire(blocking=False):
        seats += 1
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    event = browser.last_event()
    assert event["EventResultDetails"] == "Logon violates policy"
    assert event["EventOriginalResultDetails"] == "Overloaded"
    room._seats.release(seats)
    assert browser.sign_in().status_code == 302


def test_the_user_agent_is_logged_in_utf_8(browser: Browser) -> None:
    browser.headers["User-Agent"] = "Bär/1.0".encode().decode("latin-1")
    browser.sign_in()
    assert browser.last_event()["HttpUserAgent"] == "Bär/1.0"


def test_the_event_says_what_rules_cannot_know(build_app: BuildApp, lines: list[str]) -> None:
    app = build_app(captcha=Captcha.OFF)
    browser = Browser(app, lines)
    told = []
    for password in ("123456789", "123456789", "something else", PASSWORD):
        browser.sign_in(password=password)
        event = browser.last_event()
        told.append((event.get("SameWrongPassword"), event["PasswordKnownLeaked"]))
    assert told == [(False, True), (True, True), (False, False), (None, False)]
    assert [event["FamiliarPlace"] for event in browser.events()] == [False] * 4
    browser.sign_in()
    assert browser.last_event()["FamiliarPlace"], "the device is known now"
    neighbour = Browser(app, lines)
    neighbour.sign_in()
    assert neighbour.last_event()["FamiliarPlace"], "the network is known now"
    stranger = Browser(app, lines, address="203.0.113.9")
    stranger.sign_in(password="wrong")
    assert not stranger.last_event()["FamiliarPlace"]
    stranger.sign_in("nobody", "wrong")
    assert "FamiliarPlace" not in stranger.last_event()
