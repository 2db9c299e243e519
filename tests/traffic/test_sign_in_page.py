"""An app that is not ours: its sign-in page is found, and its form is filled in."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer

from tests.support.scripted_django import DjangoSite
from traffic.action import Action
from traffic.driver import Driver
from traffic.layout import Layout
from traffic.visitor import Visitor

MAEVE = Visitor("maeve", "198.51.100.7", "test browser")
STRANGER = Visitor("stranger", "198.51.100.8", "test browser")
NAME, RIGHT = "maeve.o'brien", "right horse"


@pytest.fixture
def site() -> DjangoSite:
    return DjangoSite()


@pytest.fixture
async def driver(site: DjangoSite) -> AsyncIterator[Driver]:
    async with TestServer(site.app) as server, Driver(str(server.make_url(""))) as running:
        yield running


def login(password: str) -> Action:
    return Action(0, "maeve", "login", "/login", NAME, password, "POST")


def get(path: str) -> Action:
    return Action(0, "maeve", "get", path)


async def test_a_link_leads_to_the_sign_in_page(driver: Driver, site: DjangoSite) -> None:
    assert await driver.learn(STRANGER)
    assert driver.layout.sign_in == "/accounts/login/"
    assert driver.layout.sign_out == "/accounts/logout/"
    assert site.requests == ["GET /login", "GET /", "GET /accounts/login/?next=/"]


async def test_a_redirection_leads_there_too(driver: Driver, site: DjangoSite) -> None:
    site.sends_home_to_sign_in = True
    assert await driver.learn(STRANGER)
    assert driver.layout.sign_in == "/accounts/login/"
    assert driver.layout.hidden == (("next", "/"),)


async def test_where_nothing_leads_there_nothing_is_learned(
    driver: Driver, site: DjangoSite
) -> None:
    site.sign_in = "/somewhere/else"
    site.sends_home_to_sign_in = True
    site.home = lambda request, token: site.page("Nothing here")  # type: ignore[method-assign]
    assert not await driver.learn(STRANGER)
    assert driver.layout == Layout()


async def test_people_sign_in_and_out_by_the_form_of_the_page(
    driver: Driver, site: DjangoSite
) -> None:
    await driver.learn(STRANGER)
    steps = (
        login("wrong"),
        login(RIGHT),
        get("/account"),
        Action(0, "maeve", "logout", "/logout", method="POST"),
        get("/account"),
    )
    answers = await driver.send([(MAEVE, step) for step in steps])
    assert [answer.status for answer in answers] == [200, 302, 200, 302, 302]
    assert [answer.signed_in for answer in answers[:2]] == [False, True]
    assert driver.layout.account == "/account/", "where one is led after signing in"
    assert site.posted[1]["next"] == "/"
    assert "csrf_token" not in site.posted[1]


async def test_a_token_that_has_changed_is_fetched_anew(driver: Driver, site: DjangoSite) -> None:
    await driver.learn(STRANGER)
    await driver.send([(MAEVE, get("/login"))])
    browser = driver._browser("maeve")
    browser.token = (
        None if browser.token is None else type(browser.token)("csrfmiddlewaretoken", "")
    )
    (answer,) = await driver.send([(MAEVE, login(RIGHT))])
    assert (answer.status, answer.requests) == (302, 3)


async def test_paths_and_fields_that_scenarios_write_are_the_apps(
    driver: Driver, site: DjangoSite
) -> None:
    driver.layout = Layout(sign_in="/in", username="user[email]", password="user[pw]")  # noqa: S106
    typed = (("Content-Type", "application/x-www-form-urlencoded"),)
    forged, other = (
        Action(0, "maeve", "request", "/login", method="POST", headers=typed, data=data)
        for data in ("username=a&password=b", "x=%27")
    )
    await driver.send([(MAEVE, forged), (MAEVE, get("/login?next=/")), (MAEVE, other)])
    assert site.requests == ["POST /in", "GET /in?next=/", "POST /in"]
    assert site.posted == [{"user[email]": "a", "user[pw]": "b"}, {"x": "'"}]
