"""Servers that end with the run."""

import asyncio
import socket

import pytest
import requests
from aiohttp import web

from lab.host.loopback import Loopback


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


def greeting() -> web.Application:
    app = web.Application()
    app.router.add_get("/", hello)
    return app


def listens(port: int, address: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def test_a_server_answers_while_the_caller_does_something_else() -> None:
    loopback = Loopback()
    port = loopback.serve(greeting())
    try:
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=5).text == "hello"
    finally:
        loopback.close()


def test_no_other_address_of_this_machine_is_listened_on() -> None:
    loopback = Loopback()
    port = loopback.serve(greeting())
    try:
        assert listens(port)
        assert not listens(port, "127.0.0.2"), "the server is bound to more than 127.0.0.1"
    finally:
        loopback.close()


def test_nothing_listens_or_runs_after_close() -> None:
    loopback = Loopback()
    port = loopback.serve(greeting())
    never = loopback.loop.call_soon_threadsafe(asyncio.Event)
    task = asyncio.run_coroutine_threadsafe(asyncio.sleep(3600), loopback.loop)
    loopback.close()
    loopback.close()
    assert not listens(port)
    assert task.cancelled()
    assert loopback.loop.is_closed()
    assert never is not None


def test_a_port_in_use_is_an_error_of_the_caller() -> None:
    loopback = Loopback()
    port = loopback.serve(greeting())
    try:
        with pytest.raises(OSError, match="in use"):
            loopback.serve(greeting(), port=port)
    finally:
        loopback.close()


def test_the_loop_refuses_to_wait_for_itself() -> None:
    loopback = Loopback()

    async def wait_for_itself() -> None:
        loopback.call(asyncio.sleep(0))

    try:
        with pytest.raises(RuntimeError, match="await the coroutine"):
            loopback.call(wait_for_itself())
    finally:
        loopback.close()
