"""Pacing, and giving up."""

import asyncio
from time import monotonic

import pytest

from tests.support.scripted_login_app import LoginApp
from traffic.action import Action
from traffic.driver import Driver
from traffic.playback import Playback
from traffic.scenario import Scenario
from traffic.target import NoAnswerError
from traffic.visitor import Visitor


def a_scenario(times: list[float], key: str = "maeve") -> Scenario:
    visitor = Visitor(key, "192.0.2.7", "test")
    actions = tuple(Action(at, key, "get", f"/{key}/{at}") for at in times)
    return Scenario(key, "ordinary", "", (visitor,), actions)


async def test_scenarios_run_side_by_side_in_the_order_of_their_times(
    base_url: str, login_app: LoginApp
) -> None:
    one, two = a_scenario([0.0, 2.0, 4.0], "one"), a_scenario([1.0, 3.0], "two")
    async with Driver(base_url) as driver:
        playback = Playback(driver, [one, two], speed=20)
        await playback.run()
    assert login_app.requests == [
        "GET /one/0.0", "GET /two/1.0", "GET /one/2.0", "GET /two/3.0", "GET /one/4.0",
    ]  # fmt: skip


async def test_time_passes_at_the_given_speed(base_url: str) -> None:
    async with Driver(base_url) as driver:
        started = monotonic()
        await Playback(driver, [a_scenario([0.0, 10.0])], speed=50).run()
    assert monotonic() - started >= 0.2


async def test_it_tells_how_far_it_is(base_url: str) -> None:
    heard: list[int] = []
    async with Driver(base_url) as driver:
        playback = Playback(driver, [a_scenario([0.0, 1.0, 2.0])], speed=1000)
        await playback.run(heard.append)
    assert heard == [1, 2, 3]
    assert playback.planned == len(playback.answers) == 3


async def test_it_gives_up_on_a_target_that_never_answers(unused_tcp_port: int) -> None:
    scenario = a_scenario([float(second) for second in range(500)])
    async with Driver(f"http://127.0.0.1:{unused_tcp_port}") as driver:
        playback = Playback(driver, [scenario], speed=1000)
        with pytest.raises(NoAnswerError, match="no longer answers"):
            await playback.run()
    assert 20 <= len(playback.answers) < 200


async def test_an_interruption_waits_for_no_answer(base_url: str, login_app: LoginApp) -> None:
    login_app.gate.clear()
    async with Driver(base_url) as driver:
        run = asyncio.create_task(Playback(driver, [a_scenario([0.0, 1.0])], speed=1000).run())
        while not login_app.seen:
            await asyncio.sleep(0)
        run.cancel()
        done, _ = await asyncio.wait({run}, timeout=10)
        login_app.gate.set()
    assert done, "the request without an answer is waited for"
    assert run.cancelled()
