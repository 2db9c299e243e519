"""The Django example's events: real gunicorn, real Django, real HTTP; the database is a file."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from components.content.places import ROOT
from lab.azure.web.site.build import Builder

APP = ROOT / "examples" / "django_postgres" / "app"
LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"
MAEVE, RIGHT = "maeve.o'brien", "right-horse-battery"
HOST = "shop.azurewebsites.net"
PATIENCE_S = 60.0


@dataclass
class Shop:
    """The running app and the lines of its standard output."""

    url: str
    output: Path
    read: int = 0

    def events(self) -> list[dict[str, Any]]:
        """Since the last call, heartbeats left out; a line is there before its answer."""
        text = self.output.read_text(encoding="ascii")
        lines, self.read = text[self.read :].splitlines(), len(text)
        found = [json.loads(line) for line in lines]
        return [each for each in found if each["EventSchema"] != "Heartbeat"]


@dataclass
class Browser:
    """Behind App Service's front end, which says who it is and that it came by https."""

    shop: Shop
    address: str = "198.51.100.7"
    cookies: dict[str, str] = field(default_factory=dict)
    """Kept by hand: they are Secure, and this door is plain http."""

    def get(self, path: str) -> requests.Response:
        return self._send("GET", path)

    def post(self, path: str, form: dict[str, str], **headers: str) -> requests.Response:
        return self._send("POST", path, form, **headers)

    def token(self, path: str = LOGIN) -> str:
        page = self.get(path).text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        return found[1]

    def sign_in(self, username: str, password: str) -> requests.Response:
        form = {"csrfmiddlewaretoken": self.token(), "username": username, "password": password}
        return self.post(LOGIN, form)

    def _send(
        self, method: str, path: str, form: dict[str, str] | None = None, **headers: str
    ) -> requests.Response:
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "User-Agent": "Browser/1.0",
            "X-Forwarded-For": f"203.0.113.1, {self.address}:4711",
            "X-Forwarded-Proto": "https",
        }
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method,
                f"{self.shop.url}{path}",
                data=form,
                headers=sent | headers,
                timeout=PATIENCE_S,
                allow_redirects=False,
            )
            self.cookies |= session.cookies.get_dict()
        return answer


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": f"{Builder().build(APP)}/bin:{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": f"sqlite:///{folder}/shop.db",
        "INITIAL_USERS": json.dumps({MAEVE: RIGHT, "gone": RIGHT}),
        "SECRET_KEY": "of a test",
        "WEBSITE_HOSTNAME": HOST,
        "ADMIN_ENABLED": "true",
    }
    start = (
        "python manage.py migrate --noinput --verbosity 0 && python manage.py initial_users"
        f" && exec gunicorn board.wsgi:application --threads 4 --bind 127.0.0.1:{port}"
    )
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        process = subprocess.Popen(
            ["/bin/sh", "-c", start], cwd=APP, env=environment, stdout=out, stderr=err
        )
    try:
        found = Shop(f"http://127.0.0.1:{port}", folder / "out")
        await_health(found, process, folder / "err")
        with closing(sqlite3.connect(folder / "shop.db")) as database, database:
            database.execute("UPDATE auth_user SET is_active = 0 WHERE username = 'gone'")
        found.events()
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE_S)


def await_health(shop: Shop, process: subprocess.Popen[bytes], err: Path) -> None:
    """By the container's own address, as App Service asks: no name of the site's."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            answer = requests.get(f"{shop.url}/health", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        return
    raise AssertionError(f"the app did not start:\n{err.read_text(encoding='utf-8')}")


@pytest.fixture
def browser(shop: Shop) -> Browser:
    shop.events()
    return Browser(shop)


def told(shop: Shop) -> dict[str, Any]:
    """The one event of a request."""
    (event,) = shop.events()
    return event


def test_a_sign_in_and_a_sign_out_are_told_with_who_and_where(shop: Shop, browser: Browser) -> None:
    assert browser.sign_in(MAEVE, RIGHT).status_code == 302
    event = told(shop)
    assert {key: event[key] for key in ("EventType", "EventResult", "TargetUsername")} == {
        "EventType": "Logon",
        "EventResult": "Success",
        "TargetUsername": MAEVE,
    }
    assert (event["SrcIpAddr"], event["SrcPortNumber"]) == (browser.address, 4711)
    assert event["HttpUserAgent"] == "Browser/1.0"
    assert event["LogonMethod"] == "Username & Password"
    assert (event["EventProduct"], event["TargetAppName"]) == ("django", "board")
    browser.post(LOGOUT, {"csrfmiddlewaretoken": browser.token("/account/")})
    out = told(shop)
    assert (out["EventType"], out["EventResult"], out["TargetUsername"]) == (
        "Logoff",
        "Success",
        MAEVE,
    )
    assert out["TargetSessionId"] == event["TargetSessionId"], "the same session"
    assert event["TargetSessionId"] not in browser.cookies.values(), "nobody signs in with it"


@pytest.mark.parametrize(
    ("username", "details"),
    [(MAEVE, "Incorrect password"), ("nobody", "No such user"), ("gone", "User disabled")],
)
def test_a_failure_is_told_with_its_reason_and_answered_alike(
    shop: Shop, browser: Browser, username: str, details: str
) -> None:
    browser.address = "198.51.100.10"
    answer = browser.sign_in(username, "wrong")
    assert answer.status_code == 200
    assert "The name or the password is wrong." in answer.text
    event = told(shop)
    assert (event["EventResult"], event["EventResultDetails"]) == ("Failure", details)
    assert event["LogonMethod"] == "Username & Password"
    assert "wrong" not in json.dumps(event), "never a password"


def test_a_name_that_is_nobodys_may_be_a_password_and_is_cut(shop: Shop, browser: Browser) -> None:
    browser.sign_in("correct horse battery staple " * 4, "x")
    assert len(told(shop)["TargetUsername"]) == 64


def test_an_incomplete_form_is_a_try_too(shop: Shop, browser: Browser) -> None:
    browser.sign_in("", "x")
    event = told(shop)
    assert (event["EventResult"], event["EventOriginalResultDetails"]) == (
        "Failure",
        "FormIncomplete",
    )
    assert "LogonMethod" not in event


def test_a_form_without_its_token_is_told_and_no_password_is_looked_at(
    shop: Shop, browser: Browser
) -> None:
    answer = browser.post(LOGIN, {"username": MAEVE, "password": RIGHT})
    assert answer.status_code == 403
    event = told(shop)
    assert (event["EventResult"], event["EventOriginalResultDetails"]) == ("Failure", "CsrfFailed")
    assert (event["TargetUsername"], "LogonMethod" in event) == (MAEVE, False)


def test_what_a_foreign_page_sends_is_no_visitors_fault(shop: Shop, browser: Browser) -> None:
    form = {"username": MAEVE, "password": RIGHT}
    answer = browser.post(LOGIN, form, **{"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["Location"]) == (303, LOGIN)
    event = told(shop)
    assert event["EventOriginalResultDetails"] == "CrossSite"
    assert "TargetUsername" not in event, "the foreign page has chosen it"


def test_a_locked_name_is_told_from_a_wrong_password(shop: Shop) -> None:
    """django-axes: five failures of one name from one address."""
    browser = Browser(shop, "198.51.100.20")
    answers = [browser.sign_in("root", "wrong").status_code for _ in range(7)]
    assert answers == [200, 200, 200, 200, 429, 429, 429]
    assert [each["EventResultDetails"] for each in shop.events()] == [
        *["No such user"] * 5,
        *["User locked"] * 2,
    ]


def test_an_address_that_tries_too_often_is_told(shop: Shop) -> None:
    browser = Browser(shop, "198.51.100.30")
    form = {"csrfmiddlewaretoken": browser.token(), "password": "x"}
    answers = [browser.post(LOGIN, {**form, "username": f"u{n}"}) for n in range(32)]
    assert [each.status_code for each in answers[-2:]] == [429, 429]
    events = shop.events()
    assert len(events) == len(answers), "one event for each try"
    assert events[-1]["EventResultDetails"] == "Logon violates policy"
    assert events[-1]["EventOriginalResultDetails"] == "RateLimited"
    assert "LogonMethod" not in events[-1]


def test_the_admins_own_page_is_a_sign_in_too(shop: Shop, browser: Browser) -> None:
    browser.address = "198.51.100.40"
    token = browser.token("/admin/login/")
    browser.post("/admin/login/", {"username": MAEVE, "password": RIGHT})
    assert told(shop)["EventOriginalResultDetails"] == "CsrfFailed"
    form = {"csrfmiddlewaretoken": token, "username": MAEVE, "password": "wrong"}
    browser.post("/admin/login/", form)
    assert told(shop)["EventResultDetails"] == "Incorrect password"


def test_other_pages_have_no_events(shop: Shop, browser: Browser) -> None:
    for path in ("/", "/?q=O'Brien%00", "/account/", "/missing"):
        browser.get(path)
    assert shop.events() == []
    assert shop.read > 0, "there were some before"
