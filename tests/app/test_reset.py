"""A code of an operator's sets a new password, once, within the hour, and is in no log."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from login_app.__main__ import main
from login_app.services import EXTENSION

from tests.support.app_client import PASSWORD, USERNAME, Browser
from tests.support.app_server import APP_SRC

BuildApp = Callable[..., Flask]
NEW = "quite another phrase 77"


def make_code(app: Flask, **how: bool) -> str:
    services = app.extensions[EXTENSION]
    account = services.users.find(USERNAME)
    code: str = services.reset_codes.make(account, **{"removes_factor": False} | how)
    return code


def reset(browser: Browser, code: str, password: str = NEW) -> int:
    token = browser.token("/reset")
    return browser.post("/reset", csrf_token=token, code=code, password=password).status_code


def test_a_code_sets_a_password_once_and_ends_all_sessions(app: Flask, browser: Browser) -> None:
    signed_in = Browser(app, browser.lines)
    signed_in.sign_in()
    code = make_code(app)
    assert reset(browser, code) == 302
    event = browser.last_event()
    assert (event["EventType"], event["EventSubType"]) == ("PasswordReset", "ResetCode")
    assert event["TargetUsername"] == USERNAME
    assert code not in "\n".join(browser.lines)
    assert signed_in.get("/account").status_code == 302
    assert reset(browser, code) == 400, "it is used up"
    assert Browser(app, browser.lines).sign_in().status_code == 401
    assert Browser(app, browser.lines).sign_in(password=NEW).status_code == 302


def test_a_code_is_good_for_an_hour_and_until_the_next_one(app: Flask, browser: Browser) -> None:
    with time_machine.travel("2026-01-05T07:30:00Z", tick=False) as clock:
        first = make_code(app)
        second = make_code(app)
        assert reset(browser, first) == 400
        clock.shift(3601)
        assert reset(browser, second) == 400


@pytest.mark.parametrize("code", ["", "x", "\u0301" * 500, "x" * 5000, "' OR 1=1 --"])
def test_what_is_no_code_sets_nothing(app: Flask, browser: Browser, code: str) -> None:
    make_code(app)
    assert reset(browser, code) == 400
    assert browser.lines == []


def test_a_password_that_will_not_do_does_not_use_the_code_up(app: Flask, browser: Browser) -> None:
    code = make_code(app)
    assert reset(browser, code, "short") == 400
    assert reset(browser, code) == 302


def test_a_full_room_of_hashes_does_not_use_the_code_up(app: Flask, browser: Browser) -> None:
    room, code, seats = app.extensions[EXTENSION].hash_room, make_code(app), 0
    while room._seats.acquire(blocking=False):
        seats += 1
    assert reset(browser, code) == 503
    room._seats.release(seats)
    assert reset(browser, code) == 302


def test_codes_cannot_be_guessed_without_end(build_app: BuildApp, lines: list[str]) -> None:
    browser = Browser(build_app(rate_limit="3 per minute"), lines)
    assert [reset(browser, "guess") for _ in range(4)] == [400, 400, 400, 429]


def test_it_can_take_a_lost_second_factor_away(app: Flask, browser: Browser) -> None:
    services = app.extensions[EXTENSION]
    services.users.set_factor(1, "A" * 32, 0, [])
    assert Browser(app, browser.lines).sign_in().location == "/login/code"
    assert reset(browser, make_code(app, removes_factor=True)) == 302
    assert browser.last_event()["EventSubType"] == "ResetCodeWithoutFactor"
    assert Browser(app, browser.lines).sign_in(password=NEW).location == "/account"


def test_an_operator_makes_the_link(app: Flask, browser: Browser, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "login_app", "reset", USERNAME],
        cwd=APP_SRC,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "k" * 32,
            "DATABASE_URL": f"sqlite:///{tmp_path}/login.db",
            "WEBSITE_HOSTNAME": "shop.azurewebsites.net",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    link = told.stdout.splitlines()[0]
    assert link.startswith("https://shop.azurewebsites.net/reset#"), "behind the #: in no log"
    assert told.stderr == ""
    assert reset(browser, link.partition("#")[2]) == 302


@pytest.mark.parametrize(
    ("name", "environment", "message"),
    [
        ("nobody", {}, "'nobody' has no account; a name of INITIAL_USERS is expected"),
        (USERNAME, {"SECRET_KEY": ""}, "SECRET_KEY is missing"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_code_2(
    app: Flask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    environment: dict[str, str],
    message: str,
) -> None:
    given = {"SECRET_KEY": "k" * 32, "DATABASE_URL": f"sqlite:///{tmp_path}/login.db"}
    for key, value in (given | environment).items():
        monkeypatch.setenv(key, value)
    assert main(["reset", name]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
    assert PASSWORD not in err
