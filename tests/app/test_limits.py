"""How often one address may try, and that a refusal for it is an event."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from limits.storage import MovingWindowSupport, Storage
from login_app.settings import SettingsError

from tests.support.app_client import PASSWORD, USERNAME, Browser

BuildApp = Callable[..., Flask]


@pytest.fixture
def limited(build_app: BuildApp) -> Flask:
    return build_app(rate_limit="3 per minute")


def tries(browser: Browser, count: int) -> list[int]:
    return [browser.sign_in(password="wrong").status_code for _ in range(count)]


def test_the_limit_is_reached_at_its_number_and_not_before(
    limited: Flask, lines: list[str]
) -> None:
    browser = Browser(limited, lines)
    assert tries(browser, 4) == [401, 401, 401, 429]
    event = browser.last_event()
    assert (event["EventType"], event["EventResult"]) == ("Logon", "Failure")
    assert event["EventResultDetails"] == "Logon violates policy"
    assert event["EventOriginalResultDetails"] == "RateLimited"
    assert event["TargetUsername"] == USERNAME
    assert len(lines) == 4


def test_a_limited_address_cannot_even_use_the_right_password(
    limited: Flask, lines: list[str]
) -> None:
    browser = Browser(limited, lines)
    tries(browser, 3)
    assert browser.sign_in(USERNAME, PASSWORD).status_code == 429
    assert browser.get("/account").status_code == 302


def test_the_window_moves_with_the_clock(limited: Flask, lines: list[str]) -> None:
    browser = Browser(limited, lines)
    with time_machine.travel("2026-01-05T07:30:00Z", tick=False) as clock:
        assert tries(browser, 2) == [401, 401]
        clock.shift(50)
        assert tries(browser, 2) == [401, 429]
        refused = browser.sign_in(password="wrong")
        assert refused.status_code == 429
        wait = int(refused.headers["Retry-After"])
        assert 10 <= wait <= 11
        clock.shift(wait)
        assert tries(browser, 3) == [401, 401, 429], "the first two have left the window"


def test_each_address_has_its_own_limit_whatever_it_writes_before_it(
    limited: Flask, lines: list[str]
) -> None:
    forger = Browser(limited, lines)
    answers = []
    for number in range(4):
        forger.headers["X-Forwarded-For"] = f"203.0.113.{number}, 198.51.100.7:{number + 1}"
        answers += tries(forger, 1)
    assert answers == [401, 401, 401, 429]
    assert tries(Browser(limited, lines, address="198.51.100.8"), 1) == [401]


def test_a_request_without_an_address_is_limited_too(limited: Flask, lines: list[str]) -> None:
    browser = Browser(limited, lines)
    browser.client.environ_base["REMOTE_ADDR"] = ""
    browser.headers["X-Forwarded-For"] = "nonsense"
    assert tries(browser, 4) == [401, 401, 401, 429]
    assert "SrcIpAddr" not in browser.last_event()


def test_posts_without_a_token_count_too(limited: Flask, lines: list[str]) -> None:
    browser = Browser(limited, lines)
    answers = [browser.post("/login", username="x").status_code for _ in range(4)]
    assert answers == [400, 400, 400, 429]


def test_an_overlong_body_after_the_limit_is_logged_without_a_name(
    limited: Flask, lines: list[str]
) -> None:
    browser = Browser(limited, lines)
    tries(browser, 3)
    answer = browser.post("/login", username="x" * 20_000)
    assert answer.status_code == 429
    assert "TargetUsername" not in browser.last_event()


def test_nothing_but_sign_ins_is_limited(limited: Flask, lines: list[str]) -> None:
    browser = Browser(limited, lines)
    paths = ["/login", "/", "/health", "/account", "/static/style.css", "/nothing"] * 4
    assert 429 not in {browser.get(path).status_code for path in paths}
    assert 429 not in {browser.post("/logout").status_code for _ in range(5)}
    assert tries(browser, 1) == [401]


class DeadStorage(Storage, MovingWindowSupport):
    """A shared storage that was there at the start and answers nothing since."""

    STORAGE_SCHEME = ["dead"]

    def dead(self, *_: object, **__: object) -> Any:
        raise ConnectionError

    base_exceptions = ConnectionError
    acquire_entry = get_moving_window = incr = get = get_expiry = reset = clear = dead

    def check(self) -> bool:
        return False


def test_a_storage_that_dies_neither_opens_the_door_nor_closes_it(
    build_app: BuildApp, lines: list[str]
) -> None:
    app = build_app(rate_limit="3 per minute", rate_limit_storage_url="dead://limits.example.com")
    assert tries(Browser(app, lines), 4) == [401, 401, 401, 429]
    assert Browser(app, lines, address="198.51.100.8").sign_in().status_code == 302


def test_a_storage_that_is_not_installed_is_refused_without_its_password(
    build_app: BuildApp,
) -> None:
    with pytest.raises(SettingsError, match="RATE_LIMIT_STORAGE_URL nowhere://… cannot") as refused:
        build_app(rate_limit_storage_url="nowhere://:geheim@limits.example.com")
    assert "geheim" not in str(refused.value)
