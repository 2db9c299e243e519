"""The second factor: added, asked for, used once, limited, removed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyotp
import pytest
import time_machine
from flask import Flask

from tests.support.app_client import PASSWORD, USERNAME, Browser

BuildApp = Callable[..., Flask]
START = "2026-01-05T07:30:00Z"


@dataclass
class Owner:
    """Somebody with a second factor, and what the phone and the paper hold."""

    browser: Browser
    secret: str
    recovery: list[str]

    def code(self) -> str:
        return pyotp.TOTP(self.secret).now()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def add_factor(browser: Browser) -> Owner:
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", browser.get("/second-factor").text)
    assert secret
    code = pyotp.TOTP(secret[1]).now()
    token = browser.token("/second-factor")
    page = browser.post("/second-factor", csrf_token=token, code=code)
    assert page.status_code == 200, page.text
    return Owner(browser, secret[1], re.findall(r"<code>([a-z0-9-]{14})</code>", page.text))


@pytest.fixture
def owner(app: Flask, lines: list[str], clock: time_machine.Traveller) -> Owner:
    browser = Browser(app, lines)
    browser.sign_in()
    found = add_factor(browser)
    clock.shift(30)
    return found


def first_step(app: Flask, lines: list[str], **whose: str) -> Browser:
    browser = Browser(app, lines, **whose)
    answer = browser.sign_in()
    assert (answer.status_code, answer.location) == (302, "/login/code")
    return browser


def second_step(browser: Browser, code: str) -> int:
    token = browser.token("/login/code")
    return browser.post("/login/code", csrf_token=token, code=code).status_code


def test_adding_one_is_told_and_ends_other_sessions(
    app: Flask, lines: list[str], clock: time_machine.Traveller
) -> None:
    other, browser = Browser(app, lines), Browser(app, lines)
    other.sign_in()
    browser.sign_in()
    owner = add_factor(browser)
    event = browser.last_event()
    assert (event["EventType"], event["EventSubType"]) == ("UserModified", "SecondFactorAdded")
    assert len(set(owner.recovery)) == 10
    assert other.get("/account").status_code == 302
    assert "10 recovery codes left" in browser.get("/account").text
    everything = "\n".join(lines)
    assert owner.secret not in everything
    assert not any(code in everything for code in owner.recovery)


def test_password_and_code_sign_in_and_each_step_is_an_event(
    app: Flask, lines: list[str], owner: Owner
) -> None:
    browser = first_step(app, lines)
    event = browser.last_event()
    assert (event["EventResult"], event["EventResultDetails"]) == ("Partial", "MFA not satisfied")
    assert event["EventOriginalResultDetails"] == "CodeRequired"
    assert browser.get("/account").location == "/login", "half a sign-in opens nothing"
    assert second_step(browser, owner.code()) == 302
    event = browser.last_event()
    assert (event["EventResult"], event["LogonMethod"]) == (
        "Success",
        "Multi factor authentication",
    )
    assert event["TargetUsername"] == USERNAME
    assert browser.get("/account").status_code == 200


def test_a_code_works_once(app: Flask, lines: list[str], owner: Owner) -> None:
    code = owner.code()
    assert second_step(first_step(app, lines), code) == 302
    again = first_step(app, lines, address="203.0.113.9")
    assert second_step(again, code) == 401
    assert again.last_event()["EventOriginalResultDetails"] == "CodeWrong"


@pytest.mark.parametrize(("seconds", "status"), [(-30, 302), (30, 302), (-90, 401), (90, 401)])
def test_clocks_may_differ_by_one_step(
    app: Flask,
    lines: list[str],
    owner: Owner,
    clock: time_machine.Traveller,
    seconds: int,
    status: int,
) -> None:
    clock.shift(120)
    browser = first_step(app, lines)
    clock.shift(seconds)
    code = owner.code()
    clock.shift(-seconds)
    assert second_step(browser, code) == status


def test_a_recovery_code_works_once_however_it_is_typed(
    app: Flask, lines: list[str], owner: Owner
) -> None:
    typed = owner.recovery[3].upper().replace("-", " ")
    assert second_step(first_step(app, lines), typed) == 302
    assert second_step(first_step(app, lines, address="203.0.113.9"), typed) == 401
    assert "9 recovery codes left" in owner.browser.get("/account").text


def test_codes_cannot_be_guessed(
    app: Flask, lines: list[str], owner: Owner, clock: time_machine.Traveller
) -> None:
    answers = []
    for number in range(7):
        browser = first_step(app, lines, address=f"203.0.113.{number}")
        answers.append(second_step(browser, f"00000{number}"))
    assert answers == [401] * 5 + [429] * 2
    assert browser.last_event()["EventOriginalResultDetails"] == "CodeLimited"
    assert second_step(browser, owner.code()) == 429, "from no address, and not the right one"
    clock.shift(15 * 60 + 1)
    assert second_step(first_step(app, lines), owner.code()) == 302


@pytest.mark.parametrize(
    "code", ["", "x" * 10_000, "０００００００", "١٢٣٤٥٦", "12 34 5", "-12345", "' OR 1=1", "\x00"]
)
def test_what_is_no_code_is_a_wrong_one(
    app: Flask, lines: list[str], owner: Owner, code: str
) -> None:
    assert second_step(first_step(app, lines), code) == 401


def test_half_a_sign_in_lasts_five_minutes_and_not_beyond_a_change_of_password(
    app: Flask, lines: list[str], owner: Owner, clock: time_machine.Traveller
) -> None:
    browser, other = first_step(app, lines), first_step(app, lines)
    token, late = browser.token("/login/code"), other.token("/login/code")
    form = {
        "csrf_token": owner.browser.token("/password"),
        "current": PASSWORD,
        "password": "quite another phrase 77",
    }
    assert owner.browser.post("/password", **form).status_code == 302
    answer = browser.post("/login/code", csrf_token=token, code=owner.code())
    assert answer.status_code == 400
    assert browser.last_event()["EventOriginalResultDetails"] == "CodeExpired"
    clock.shift(301)
    answer = other.post("/login/code", csrf_token=late, code=owner.code())
    assert answer.status_code == 400
    assert other.get("/login/code").location == "/login"


def test_a_code_without_a_password_is_nothing(app: Flask, lines: list[str], owner: Owner) -> None:
    stranger = Browser(app, lines)
    form = {"csrf_token": stranger.token(), "code": owner.code(), "username": USERNAME}
    answer = stranger.post("/login/code", **form)
    assert answer.status_code == 400
    event = stranger.last_event()
    assert (event["EventResultDetails"], event["EventOriginalResultDetails"]) == (
        "Session expired",
        "CodeExpired",
    )


def test_a_wrong_code_adds_nothing(app: Flask, lines: list[str]) -> None:
    browser = Browser(app, lines)
    browser.sign_in()
    page = browser.get("/second-factor").text
    token = browser.token("/second-factor")
    answer = browser.post("/second-factor", csrf_token=token, code="000000")
    assert answer.status_code == 400
    offered = re.findall(r"<code>([A-Z2-7]{32})</code>", page + answer.text)
    assert len(set(offered)) == 1, "the key that the phone has read already stays the same"
    assert Browser(app, lines).sign_in().location == "/account"


def test_a_browser_left_open_adds_nothing_without_the_password(
    app: Flask, lines: list[str], clock: time_machine.Traveller
) -> None:
    browser = Browser(app, lines)
    browser.sign_in()
    clock.shift(301)
    page = browser.get("/second-factor").text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret
    form = {
        "csrf_token": browser.token("/second-factor"),
        "code": pyotp.TOTP(secret[1]).now(),
    }
    assert browser.post("/second-factor", **form).status_code == 401
    assert browser.post("/second-factor", password="wrong", **form).status_code == 401
    assert browser.post("/second-factor", password=PASSWORD, **form).status_code == 200


def test_removing_it_takes_the_password_and_is_told(
    app: Flask, lines: list[str], owner: Owner
) -> None:
    browser = owner.browser
    form = {"csrf_token": browser.token("/second-factor")}
    assert browser.post("/second-factor", password="wrong", **form).status_code == 401
    assert browser.post("/second-factor", password=PASSWORD, **form).status_code == 302
    assert browser.last_event()["EventSubType"] == "SecondFactorRemoved"
    assert Browser(app, lines).sign_in().location == "/account"


@pytest.mark.parametrize("whom", [USERNAME, "*"])
def test_it_can_be_required(
    build_app: BuildApp, lines: list[str], whom: str, clock: time_machine.Traveller
) -> None:
    browser = Browser(build_app(second_factor_for=frozenset({whom})), lines)
    assert browser.sign_in().location == "/second-factor"
    assert browser.get("/account").location == "/second-factor"
    add_factor(browser)
    page = browser.get("/account")
    assert page.status_code == 200
    assert "Remove your second factor" not in page.text
