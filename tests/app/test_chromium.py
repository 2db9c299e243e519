"""The pages in a real browser: what a person clicks through."""

import json
from pathlib import Path

import pytest

from tests.support import chromium
from tests.support.app_server import running

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

USERS = {"nils.o'brien": "a long passphrase"}


def test_a_person_signs_in_and_out(tmp_path: Path) -> None:
    with (
        running(tmp_path, SECRET_KEY="k" * 32, INITIAL_USERS=json.dumps(USERS)) as server,
        chromium.page() as page,
    ):
        page.goto(f"{server.url}/account")
        assert page.url.split("?")[0].endswith("/login"), "a stranger is asked to sign in first"
        page.fill("[name=username]", "nils.o'brien")
        page.fill("[name=password]", "not this one")
        page.click("form button")
        assert page.locator("[role=alert]").count() == 1
        page.fill("[name=username]", "nils.o'brien")
        page.fill("[name=password]", USERS["nils.o'brien"])
        page.click("form button")
        assert page.url.endswith("/account")
        assert "nils.o'brien" in page.inner_text("main")
        page.click("form button")
        page.goto(f"{server.url}/account")
        assert "/login" in page.url, "signed out"
        events = server.new_events()
        details = [event["EventResult"] for event in events if "EventResult" in event]
        assert details == ["Failure", "Success", "Success"]
