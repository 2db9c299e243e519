"""Servers that end with the run."""

import asyncio
import gc
import logging
import socket
import threading
import weakref

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


class Answer(asyncio.Future[None]):
    """What nobody but the one who waits for it knows."""


def test_whoever_waits_for_somebody_else_outlives_a_client_that_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waiting, ended = threading.Event(), threading.Event()
    kept: list[weakref.ref[Answer]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()  # until the client goes
            answer = Answer()
            kept.append(weakref.ref(answer))
            waiting.set()
            await answer
        finally:
            writer.close()
            ended.set()

    loopback = Loopback()
    try:
        with socket.create_connection(("127.0.0.1", loopback.listen(connected))) as client:
            client.sendall(b"hello")
        assert waiting.wait(5)
        loopback.call(_turns())
        gc.collect()
        assert kept[0]() is not None
        assert not ended.is_set()
    finally:
        with caplog.at_level(logging.ERROR):
            loopback.close()
    assert ended.is_set()
    assert not caplog.records


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_goes_wrong_with_a_connection_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        raise ValueError("no such door")

    loopback = Loopback()
    try:
        with socket.create_connection(("127.0.0.1", loopback.listen(connected))) as client:
            assert client.recv(1) == b""
        loopback.call(_turns())
    finally:
        loopback.close()
    assert [record.getMessage() for record in caplog.records] == [
        "a connection ended with ValueError('no such door')"
    ]
