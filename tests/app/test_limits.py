"""How often an address, its network, a device and an account may try."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from limits.storage import MovingWindowSupport, Storage
from login_app.settings import Captcha, SettingsError

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
    assert "LogonMethod" not in event, "no password was looked at"
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
        assert 10 <= wait <= 12
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


@pytest.mark.parametrize(
    ("address", "count", "limit"),
    [
        ("[2001:db8:0:7::{:x}]", 5, 3),  # one customer's /64
        ("[2001:db8:0:{:x}::1]", 32, 30),  # many of one /48: ten times the limit
    ],
)
def test_ipv6_is_limited_by_what_a_customer_gets(
    build_app: BuildApp, lines: list[str], address: str, count: int, limit: int
) -> None:
    app = build_app(rate_limit="3 per minute", captcha=Captcha.OFF)
    answers = [
        Browser(app, lines, address=address.format(number)).post("/login").status_code
        for number in range(1, count + 1)
    ]
    assert answers == [400] * limit + [429] * (count - limit)


def test_every_limit_of_the_setting_counts(build_app: BuildApp, lines: list[str]) -> None:
    browser = Browser(build_app(rate_limit="3 per minute; 4 per day"), lines)
    with time_machine.travel("2026-01-05T07:30:00Z", tick=False) as clock:
        assert tries(browser, 3) == [401, 401, 401]
        clock.shift(3600)
        answers = [browser.sign_in(password="wrong") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [401, 429]
        assert int(answers[-1].headers["Retry-After"]) > 80_000


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


def test_pages_are_not_limited(limited: Flask, lines: list[str]) -> None:
    browser = Browser(limited, lines)
    paths = ["/login", "/", "/health", "/account", "/static/style.css", "/nothing"] * 4
    assert 429 not in {browser.get(path).status_code for path in paths}
    assert 429 not in {browser.post("/logout").status_code for _ in range(5)}
    assert tries(browser, 1) == [401]


def test_signing_out_has_a_limit_of_its_own(app: Flask, lines: list[str]) -> None:
    browser = Browser(app, lines)
    answers = [browser.post("/logout").status_code for _ in range(61)]
    assert answers == [400] * 60 + [429]
    assert lines == [], "nobody was signed in: there is nothing to tell"


def strangers(app: Flask, lines: list[str], count: int, first: int = 1) -> list[int]:
    """Wrong passwords for one account, each from another address."""
    return [
        Browser(app, lines, address=f"203.0.{number // 200}.{number % 200}")
        .sign_in(password="wrong")
        .status_code
        for number in range(first, first + count)
    ]


def test_an_account_under_attack_is_closed_to_strangers_and_open_to_its_owner(
    build_app: BuildApp, lines: list[str]
) -> None:
    app = build_app(captcha=Captcha.OFF)
    owner = Browser(app, lines, address="192.0.2.1")
    assert owner.sign_in().status_code == 302
    assert strangers(app, lines, 100) == [401] * 100
    stranger = Browser(app, lines, address="198.51.100.99")
    refused = stranger.sign_in()
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 80_000
    event = stranger.last_event()
    assert event["EventResultDetails"] == "User locked"
    assert event["TargetUsername"] == USERNAME
    owner.headers["X-Forwarded-For"] = "192.0.2.77:1"
    assert owner.sign_in().status_code == 302, "the owner's device, whatever its address"
    assert stranger.sign_in("bob", "x").status_code == 401, "another name is not closed"


def test_the_day_after_the_account_is_open_again(build_app: BuildApp, lines: list[str]) -> None:
    app = build_app(captcha=Captcha.OFF)
    with time_machine.travel("2026-01-05T07:30:00Z", tick=False) as clock:
        strangers(app, lines, 100)
        assert Browser(app, lines).sign_in().status_code == 429
        clock.shift(24 * 3600 + 1)
        assert Browser(app, lines).sign_in().status_code == 302


def test_a_name_that_is_nobodys_is_closed_all_the_same(
    build_app: BuildApp, lines: list[str]
) -> None:
    app = build_app(captcha=Captcha.OFF)
    for number in range(1, 101):
        Browser(app, lines, address=f"203.0.113.{number}").sign_in("nobody", "x")
    nobody = Browser(app, lines).sign_in("nobody", "x")
    strangers(app, lines, 100)
    somebody = Browser(app, lines).sign_in(USERNAME, "x")
    assert nobody.status_code == somebody.status_code == 429


def test_a_device_that_knows_the_account_has_a_small_limit_of_its_own(
    limited: Flask, lines: list[str]
) -> None:
    owner = Browser(limited, lines)
    owner.sign_in()
    assert tries(owner, 11) == [401] * 10 + [429]
    neighbour = Browser(limited, lines)
    assert tries(neighbour, 1) == [401], "an address's limit is not used up by a known device"


def test_a_device_cookie_helps_with_its_own_accounts_only(
    build_app: BuildApp, lines: list[str]
) -> None:
    users = {USERNAME: PASSWORD, "mallory": PASSWORD}
    app = build_app(captcha=Captcha.OFF, initial_users=users, rate_limit="3 per minute")
    mallory = Browser(app, lines)
    assert mallory.sign_in("mallory").status_code == 302
    assert tries(mallory, 3) == [401, 401, 429], "mallory's device is a stranger to alice"


@pytest.mark.parametrize("cookie", ["", "forged", "x" * 2000, "eyJkIjoiMSJ9.x.y", "\u00e9"])
def test_a_forged_device_cookie_is_no_device(limited: Flask, lines: list[str], cookie: str) -> None:
    browser = Browser(limited, lines)
    browser.client.set_cookie("__Host-device", cookie)
    assert tries(browser, 4) == [401, 401, 401, 429]


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
    build_app: BuildApp, lines: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    app = build_app(rate_limit="3 per minute", rate_limit_storage_url="dead://limits.example.com")
    assert tries(Browser(app, lines), 4) == [401, 401, 401, 429]
    assert Browser(app, lines, address="198.51.100.8").sign_in().status_code == 302
    assert caplog.messages == ["shared limits do not answer: ConnectionError"]


def test_a_storage_that_is_not_installed_is_refused_without_its_password(
    build_app: BuildApp,
) -> None:
    with pytest.raises(SettingsError, match="RATE_LIMIT_STORAGE_URL nowhere://… cannot") as refused:
        build_app(rate_limit_storage_url="nowhere://:geheim@limits.example.com")
    assert "geheim" not in str(refused.value)
