"""The proof of work: asked of strangers, solved once, and never in an owner's way."""

import base64
import html
import json
import re
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from login_app.settings import Captcha

from tests.support.app_client import PASSWORD, USERNAME, Browser
from traffic import puzzle

BuildApp = Callable[..., Flask]


def challenge_in(page: str) -> str | None:
    found = re.search(r'data-challenge="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


def solved(page: str) -> str:
    challenge = challenge_in(page)
    assert challenge
    solution = puzzle.solution(challenge)
    assert solution
    return solution


def under_attack(app: Flask, lines: list[str], name: str = USERNAME) -> None:
    for number in range(10):
        bot = Browser(app, lines, address=f"203.0.113.{number}")
        assert bot.sign_in(name, "wrong").status_code == 401
        assert bot.last_event()["EventResultDetails"] in ("Incorrect password", "No such user")


@pytest.fixture
def attacked(build_app: BuildApp, lines: list[str]) -> Flask:
    app = build_app()
    under_attack(app, lines)
    return app


def test_a_stranger_works_for_a_name_under_attack_and_is_in(
    attacked: Flask, lines: list[str]
) -> None:
    browser = Browser(attacked, lines)
    assert challenge_in(browser.get("/login").text) is None
    answer = browser.sign_in()
    assert answer.status_code == 401
    event = browser.last_event()
    assert event["EventResultDetails"] == "Logon violates policy"
    assert event["EventOriginalResultDetails"] == "ChallengeRequired"
    assert "LogonMethod" not in event, "no password was looked at"
    assert browser.sign_in(altcha=solved(answer.text)).status_code == 302


def test_the_owners_device_does_not_work(build_app: BuildApp, lines: list[str]) -> None:
    app = build_app()
    owner = Browser(app, lines)
    owner.sign_in()
    under_attack(app, lines)
    assert owner.sign_in().status_code == 302


def test_a_name_that_is_nobodys_is_asked_all_the_same(
    build_app: BuildApp, lines: list[str]
) -> None:
    app = build_app()
    under_attack(app, lines, "nobody")
    answer = Browser(app, lines).sign_in("nobody", "x")
    assert challenge_in(answer.text)
    assert Browser(app, lines).sign_in(USERNAME, PASSWORD).status_code == 302


def test_a_solution_works_once(attacked: Flask, lines: list[str]) -> None:
    browser = Browser(attacked, lines)
    solution = solved(browser.sign_in().text)
    assert browser.sign_in(password="wrong", altcha=solution).status_code == 401
    assert browser.last_event()["EventResultDetails"] == "Incorrect password"
    again = browser.sign_in(altcha=solution)
    assert again.status_code == 401
    assert browser.last_event()["EventOriginalResultDetails"] == "ChallengeFailed"
    assert challenge_in(again.text), "and the next puzzle comes with it"


def test_a_solution_is_good_for_ten_minutes(build_app: BuildApp, lines: list[str]) -> None:
    app = build_app()
    with time_machine.travel("2026-01-05T07:30:00Z", tick=False) as clock:
        under_attack(app, lines)
        browser = Browser(app, lines)
        solution = solved(browser.sign_in().text)
        clock.shift(601)
        browser.sign_in(altcha=solution)
    assert browser.last_event()["EventOriginalResultDetails"] == "ChallengeFailed"


def forged(solution: str, **changes: object) -> str:
    given = json.loads(base64.b64decode(solution))
    for path, value in changes.items():
        place = given
        *way, last = path.split("__")
        for step in way:
            place = place[step]
        place[last] = value
    return base64.b64encode(json.dumps(given).encode()).decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"challenge__parameters__cost": 1},
        {"challenge__parameters__keyPrefix": ""},
        {"challenge__parameters__expiresAt": 9_999_999_999},
        {"challenge__signature": "00"},
        {"challenge__signature": None},
        {"solution__counter": -1},
        {"solution__counter": "1"},
        {"solution__derivedKey": "00" * 32},
    ],
    ids=str,
)
def test_a_forged_solution_is_none(
    attacked: Flask, lines: list[str], changes: dict[str, object]
) -> None:
    browser = Browser(attacked, lines)
    solution = solved(browser.sign_in().text)
    assert browser.sign_in(altcha=forged(solution, **changes)).status_code == 401
    assert browser.last_event()["EventOriginalResultDetails"] == "ChallengeFailed"


@pytest.mark.parametrize("solution", ["x", "e30=", "[" * 4000, "\u00e9", "x" * 9000, "bnVsbA=="])
def test_what_is_no_solution_is_none(attacked: Flask, lines: list[str], solution: str) -> None:
    browser = Browser(attacked, lines)
    assert browser.sign_in(altcha=solution).status_code == 401
    assert browser.last_event()["EventOriginalResultDetails"] == "ChallengeFailed"


def test_it_can_be_switched_off(build_app: BuildApp, lines: list[str]) -> None:
    app = build_app(captcha=Captcha.OFF)
    under_attack(app, lines)
    assert Browser(app, lines).sign_in().status_code == 302


def test_it_can_be_asked_of_everybody(build_app: BuildApp, lines: list[str]) -> None:
    browser = Browser(build_app(captcha=Captcha.ALWAYS), lines)
    page = browser.get("/login").text
    assert browser.sign_in().status_code == 401
    assert browser.last_event()["EventOriginalResultDetails"] == "ChallengeRequired"
    assert browser.sign_in(altcha=solved(page)).status_code == 302
    assert browser.sign_in().status_code == 401, "of those who are known, too"
