"""Servers of a run: one asyncio loop in a thread of its own, bound to 127.0.0.1 only."""

import asyncio
import ipaddress
import logging
import ssl
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

HOST: Final = "127.0.0.1"
TURNS: Final = 5
"""Turns of the loop until an accepted connection is set up, or a closed one is torn down."""

_LOGGER: Final = logging.getLogger("lab.host.loopback")


def _is_ours(record: logging.LogRecord) -> bool:
    """What a client got wrong is answered with 400; it is no error of the lab, with a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_LOGGER.addFilter(_is_ours)

T = TypeVar("T")

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine; only such a one is ever called."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Loopback:
    """Serves while the caller's thread does something else; ends with `close`."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._runners: list[web.AppRunner] = []
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        self._thread.start()

    def serve(self, app: web.Application, ssl: ssl.SSLContext | None = None, port: int = 0) -> int:
        """Starts a web application; returns its port (0: any free one). OSError: port in use."""
        return self.call(self._serve(app, ssl, port))

    def listen(self, connected: Connected) -> int:
        """Starts a TCP server that hands each connection to `connected`; returns its port."""
        return self.call(self._listen(connected))

    def call(self, coroutine: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Runs a coroutine on the loop and waits for it, from any other thread."""
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise RuntimeError("the loop cannot wait for itself; await the coroutine instead")
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result(timeout)
        except BaseException:
            future.cancel()
            raise

    def watch(self, descriptor: int, readable: Callable[[], None]) -> None:
        """Calls `readable` on the loop whenever the file descriptor has something to read."""
        self.call(self._watch(descriptor, readable))

    def unwatch(self, descriptor: int) -> None:
        """After this returns, `readable` is not running and will not run again."""
        self.call(self._unwatch(descriptor))

    def close(self) -> None:
        """Closes every server and connection, ends what still runs on the loop; twice is fine."""
        if self.loop.is_closed():
            return
        self.call(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _serve(self, app: web.Application, context: ssl.SSLContext | None, port: int) -> int:
        runner = web.AppRunner(app, access_log=None, logger=_LOGGER, shutdown_timeout=1.0)
        self._runners.append(runner)
        await runner.setup()
        handler = cast(web.Server, runner.server)  # setup made it
        return self._opened(await self.loop.create_server(handler, HOST, port, ssl=context))

    async def _listen(self, connected: Connected) -> int:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # After the client's last byte the loop holds neither its transport nor its task: one
            # that still waits for somebody else would be collected as garbage, pending.
            task = self.loop.create_task(connected(reader, writer))
            self._connections.add(task)
            task.add_done_callback(self._ended)

        return self._opened(await asyncio.start_server(accept, HOST, 0))

    def _ended(self, connection: asyncio.Task[None]) -> None:
        self._connections.discard(connection)
        error = None if connection.cancelled() else connection.exception()
        if error is not None:
            _LOGGER.error("a connection ended with %r", error, exc_info=error)

    def _opened(self, server: asyncio.Server) -> int:
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _watch(self, descriptor: int, readable: Callable[[], None]) -> None:
        self.loop.add_reader(descriptor, readable)

    async def _unwatch(self, descriptor: int) -> None:
        self.loop.remove_reader(descriptor)

    async def _close(self) -> None:
        # A connection accepted just now must be set up before its server closes: asyncio would
        # lose it, socket and all.
        for server in self._servers:
            for listener in server.sockets:
                self.loop.remove_reader(listener.fileno())
        await self._settle()
        for server in self._servers:
            server.close()
        for runner in reversed(self._runners):
            await runner.cleanup()
        own = asyncio.current_task()
        rest = [task for task in asyncio.all_tasks() if task is not own]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self._settle()
        await self.loop.shutdown_asyncgens()
        await self.loop.shutdown_default_executor()

    async def _settle(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)
