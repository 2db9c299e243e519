"""Every page in a real browser: axe-core finds no fault, and none is wider than its window."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.support import chromium
from tests.support.app_server import Server, running

AXE = Path(__file__).parents[2] / ".lab/axe/node_modules/axe-core/axe.min.js"

pytestmark = [
    pytest.mark.browser,
    chromium.needs_chromium,
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed"),
]

NAME, PASSWORD = "nils.o'brien", "a long passphrase"
PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1200, height=900)
Visit = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    given = {"SECRET_KEY": "k" * 32, "INITIAL_USERS": json.dumps({NAME: PASSWORD})}
    home = tmp_path_factory.mktemp("home")
    with running(home, RATE_LIMIT="9999 per minute", CAPTCHA="always", **given) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=["--no-sandbox"])
        yield browser
        browser.close()


def sign_in(page: Page, url: str, password: str = PASSWORD) -> None:
    page.goto(f"{url}/login")
    page.fill("[name=username]", NAME)
    page.fill("[name=password]", password)
    # By keyboard; the puzzle may not be solved yet, and then the form goes when it is.
    page.press("[name=password]", "Enter")


def front(page: Page, url: str) -> None:
    page.goto(url)


def refused(page: Page, url: str) -> None:
    sign_in(page, url, "wrong")
    page.locator("[role=alert]").wait_for()


def account(page: Page, url: str) -> None:
    sign_in(page, url)
    page.wait_for_url("**/account")


def password(page: Page, url: str) -> None:
    account(page, url)
    page.goto(f"{url}/password")


def factor(page: Page, url: str) -> None:
    account(page, url)
    page.goto(f"{url}/second-factor")


def reset(page: Page, url: str) -> None:
    page.goto(f"{url}/reset#the-code")
    assert page.input_value("[name=code]") == "the-code"
    assert "#" not in page.url


def nothing(page: Page, url: str) -> None:
    page.goto(f"{url}/nothing")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("visit", [front, refused, account, password, factor, reset, nothing])
def test_a_page_can_be_used_by_everybody(
    server: Server, browser: Browser, visit: Visit, size: Any, scheme: Any
) -> None:
    # The page's own policy would keep the checker out.
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    try:
        page = context.new_page()
        visit(page, server.url)
        assert_usable(page)
    finally:
        context.close()


def test_a_sign_in_with_two_factors_from_end_to_end(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, bypass_csp=True)
    try:
        page = context.new_page()
        factor(page, server.url)
        secret = page.inner_text(".key code")
        page.fill("[name=code]", pyotp.TOTP(secret).now())
        page.press("[name=code]", "Enter")
        page.locator(".codes").wait_for()
        assert_usable(page)
        recovery = page.locator(".codes code").first.inner_text()
        page.goto(f"{server.url}/account")
        page.click("#sign-out button")
        sign_in(page, server.url)
        page.wait_for_url("**/login/code")
        assert_usable(page)
        page.fill("[name=code]", recovery)
        page.press("[name=code]", "Enter")
        page.wait_for_url("**/account")
        page.goto(f"{server.url}/second-factor")
        assert_usable(page)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/account")
    finally:
        context.close()


def test_without_a_mouse_the_form_is_reached_in_order(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport=DESKTOP)
    try:
        page = context.new_page()
        page.goto(f"{server.url}/login")
        assert page.locator("[name=username]").evaluate("each => each === document.activeElement")
        reached = []
        for _ in range(2):
            page.keyboard.press("Tab")
            reached.append(page.locator(":focus").evaluate("each => each.name || each.type"))
        assert reached == ["password", "submit"]
    finally:
        context.close()


def assert_usable(page: Page) -> None:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run().then(result => result.violations)")
    faults = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]
    assert not faults, faults
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, "the page is wider than the window"
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, "at twice the size of letters the page is wider than the window"
