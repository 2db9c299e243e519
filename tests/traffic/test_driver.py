"""The driver against a real server on loopback."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.scripted_login_app import LoginApp
from traffic import catalogue, ordinary
from traffic.action import Action
from traffic.driver import Driver
from traffic.people import population
from traffic.visitor import Visitor

MAEVE = Visitor("maeve", "192.0.2.7", "test browser")
RIGHT, WRONG = "right horse", "wrong horse"


@pytest.fixture
async def driver(base_url: str) -> AsyncIterator[Driver]:
    async with Driver(base_url) as running:
        yield running


def login(password: str, username: str = "maeve.o'brien") -> Action:
    return Action(0, "maeve", "login", "/login", username, password, "POST")


def get(path: str) -> Action:
    return Action(0, "maeve", "get", path)


LOGOUT = Action(0, "maeve", "logout", "/logout", method="POST")


async def statuses(driver: Driver, *actions: Action, visitor: Visitor = MAEVE) -> list[int]:
    return [answer.status for answer in await driver.send([(visitor, a) for a in actions])]


async def test_a_login_fetches_the_form_and_hands_the_secure_cookie_back(
    driver: Driver, login_app: LoginApp
) -> None:
    assert await statuses(driver, login(RIGHT), get("/account")) == [302, 200]
    assert login_app.requests == ["GET /login", "POST /login", "GET /account"]


async def test_a_refused_login_leaves_its_token_for_the_next_try(
    driver: Driver, login_app: LoginApp
) -> None:
    assert await statuses(driver, login(WRONG), login(WRONG), login(RIGHT)) == [401, 401, 302]
    assert login_app.requests == ["GET /login"] + ["POST /login"] * 3


async def test_a_form_already_seen_is_not_fetched_again(
    driver: Driver, login_app: LoginApp
) -> None:
    answers = await driver.send([(MAEVE, get("/login")), (MAEVE, login(RIGHT))])
    assert [answer.requests for answer in answers] == [1, 1]
    assert login_app.requests == ["GET /login", "POST /login"]


async def test_a_stale_token_is_replaced_once(driver: Driver, login_app: LoginApp) -> None:
    await driver.send([(MAEVE, get("/login"))])
    login_app.forget_tokens()
    (answer,) = await driver.send([(MAEVE, login(RIGHT))])
    assert (answer.status, answer.requests) == (302, 3)


async def test_a_token_refused_for_good_is_not_fetched_for_ever(
    driver: Driver, login_app: LoginApp
) -> None:
    login_app.shows_forms = False
    (answer,) = await driver.send([(MAEVE, login(RIGHT))])
    assert (answer.status, answer.requests) == (400, 2)


async def test_a_log_out_ends_the_session(driver: Driver, login_app: LoginApp) -> None:
    steps = (login(RIGHT), LOGOUT, get("/account"))
    assert await statuses(driver, *steps) == [302, 302, 302]
    assert login_app.requests[2:] == ["GET /account", "POST /logout", "GET /account"]


async def test_who_is_not_signed_in_finds_nothing_to_log_out_with(
    driver: Driver, login_app: LoginApp
) -> None:
    (answer,) = await driver.send([(MAEVE, LOGOUT)])
    assert (answer.status, login_app.requests) == (302, ["GET /account"])


async def test_the_session_goes_on_when_the_address_changes(driver: Driver) -> None:
    at_home = Visitor("home", "192.0.2.7", "phone", browser="phone")
    away = Visitor("away", "198.51.100.70", "phone", browser="phone")
    answers = await driver.send([(at_home, login(RIGHT)), (away, get("/account"))])
    assert [answer.status for answer in answers] == [302, 200]


async def test_visitors_do_not_share_cookies(driver: Driver) -> None:
    await driver.send([(MAEVE, login(RIGHT))])
    other = Visitor("other", "192.0.2.8", "test browser")
    assert await statuses(driver, get("/account"), visitor=other) == [302]


async def test_usernames_arrive_as_they_are(driver: Driver, login_app: LoginApp) -> None:
    login_app.accounts["zoë.o'brien+&=%41"] = "pä§$word&=+"
    assert await statuses(driver, login("pä§$word&=+", "zoë.o'brien+&=%41")) == [302]


async def test_answers_come_in_the_order_of_the_steps(driver: Driver) -> None:
    others = [Visitor(f"v{number}", "192.0.2.9", "test") for number in range(40)]
    steps = [(visitor, get(f"/{n}")) for n in range(3) for visitor in others]
    answers = await driver.send(steps)
    assert [(answer.visitor, answer.action) for answer in answers] == steps
    assert all(answer.elapsed_s > 0 for answer in answers)


async def test_a_visitor_takes_one_step_after_the_other_even_across_calls(
    driver: Driver, login_app: LoginApp
) -> None:
    calls = [driver.send([(MAEVE, get(f"/{n}/a")), (MAEVE, get(f"/{n}/b"))]) for n in range(5)]
    await asyncio.gather(*calls)
    assert login_app.requests == [f"GET /{n}/{part}" for n in range(5) for part in "ab"]


async def test_no_more_requests_at_once_than_allowed(base_url: str, login_app: LoginApp) -> None:
    login_app.answers_after_s = 0.01
    visitors = [Visitor(f"v{number}", "192.0.2.9", "test") for number in range(20)]
    async with Driver(base_url, concurrency=4) as driver:
        await driver.send([(visitor, get("/slow")) for visitor in visitors])
    assert login_app.most_under_way == 4


async def test_the_lab_learns_each_visitors_address(base_url: str, login_app: LoginApp) -> None:
    async with Driver(base_url, lab_token="made-up") as driver:
        await driver.send([(MAEVE, login(RIGHT))])
    for request in login_app.seen:
        assert request.headers["X-Lab-Token"] == "made-up"
        assert request.headers["X-Lab-Client"] == "192.0.2.7"
    assert login_app.seen


async def test_a_real_request_carries_nothing_special(driver: Driver, login_app: LoginApp) -> None:
    await driver.send([(MAEVE, get("/"))])
    names = {name for name in login_app.seen[0].headers if name.startswith("X-")}
    assert names == set()
    assert login_app.seen[0].headers["User-Agent"] == "test browser"


@pytest.mark.parametrize("token", [None, "made-up"])
async def test_a_forged_forwarded_for_is_sent_as_written(
    base_url: str, login_app: LoginApp, token: str | None
) -> None:
    forger = Visitor("forger", "203.0.113.5", "test", forwarded_for="198.51.100.20")
    async with Driver(base_url, token) as driver:
        await driver.send([(forger, get("/"))])
    assert login_app.seen[0].headers["X-Forwarded-For"] == "198.51.100.20"


async def test_a_request_takes_its_own_method_headers_and_body(
    driver: Driver, login_app: LoginApp
) -> None:
    odd = Action(
        0, "maeve", "request", "/x", method="PUT", headers=(("X-Odd", "1"),), data="körper"
    )
    assert await statuses(driver, odd) == [404]
    assert login_app.requests == ["PUT /x"]
    assert login_app.seen[0].headers["X-Odd"] == "1"


async def test_nobody_listening_is_an_answer_without_status(unused_tcp_port: int) -> None:
    async with Driver(f"http://127.0.0.1:{unused_tcp_port}") as driver:
        (answer,) = await driver.send([(MAEVE, login(RIGHT))])
    assert not answer.answered
    assert "Connect" in answer.error
    assert RIGHT not in repr(answer)


async def test_every_planned_path_reaches_the_server_byte_for_byte() -> None:
    people = population(1, ordinary.PEOPLE)
    scenarios = catalogue.choose(catalogue.GROUPS, 1, people)
    paths = sorted({action.path for scenario in scenarios for action in scenario.actions})
    received: list[bytes] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        received.append(head.split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(record, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Driver(f"http://127.0.0.1:{port}") as driver:
            await driver.send([(MAEVE, get(path)) for path in paths])
    assert received == [f"GET {path} HTTP/1.1".encode() for path in paths]
