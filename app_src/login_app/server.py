"""The server: whole requests only, a deadline on each, and an end within the platform's grace.

waitress reads requests on one thread and hands a thread of its pool only complete ones, so that
clients which send slowly, or nothing, hold a file descriptor and nothing else. What it lacks is
added here: a deadline for the request as a whole (its own time-out starts anew with every byte,
and follows the wall clock), and an end that answers what has been taken on.
"""

import logging
import signal
import socket
import time
from types import FrameType
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask

from login_app.security_headers import HEADERS
from login_app.services import EXTENSION

THREADS = 64
"""Far more than password hashes run at once: what waits for one must not keep out the others."""

REQUEST_SECONDS = 20.0
"""In which a request has to be complete, from its first byte; and a new connection must begin."""

IDLE_SECONDS = 75.0
"""How long a connection is kept for the next request; longer than front ends keep theirs."""

END_SECONDS = 3.5
"""In which what has been taken on is answered after SIGTERM; App Service kills after 5."""

MAX_CONNECTIONS = 2000
_MAX_BODY_BYTES = 256 * 1024
_MAX_HEADER_BYTES = 32 * 1024
_NEVER = 10**9
_LOG = logging.getLogger("login_app.server")


class Unbindable(Exception):  # noqa: N818 - read as a sentence: the address is unbindable
    """An address or port that cannot be listened on: one line for whoever starts the app."""


class _Refusal(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """The answer to what is no HTTP: nothing of it is repeated, and it has the app's headers."""

    def execute(self) -> None:
        error = self.request.error
        body = f"{error.reason}\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", "text/plain; charset=utf-8"), *HEADERS.items()]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that knows since when, by the monotonic clock, it owes a request."""

    error_task_class = _Refusal

    def __init__(self, *given: Any, **named: Any) -> None:
        self.waiting_since = time.monotonic()
        self.has_asked = False
        super().__init__(*given, **named)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.waiting_since = time.monotonic()
        taken = bool(super().received(data))
        if self.request is None:
            self.has_asked = True
            self.waiting_since = time.monotonic()
        return taken

    def is_late(self, now: float) -> bool:
        """Whether it has been given up; while it is answered, never."""
        if self.requests:
            self.waiting_since = now
            return False
        between = self.has_asked and self.request is None
        return now - self.waiting_since > (IDLE_SECONDS if between else REQUEST_SECONDS)


class Server:
    """The app behind a listening socket."""

    def __init__(self, app: Flask, listening: socket.socket) -> None:
        self._app = app
        self._ending = False
        self._sockets: dict[int, Any] = {}
        self._listening = listening
        self._server: TcpWSGIServer = create_server(
            app,
            map=self._sockets,
            sockets=[listening],
            threads=THREADS,
            connection_limit=MAX_CONNECTIONS,
            max_request_body_size=_MAX_BODY_BYTES,
            max_request_header_size=_MAX_HEADER_BYTES,
            channel_timeout=_NEVER,
            cleanup_interval=_NEVER,
            ident=None,
            # Whose word counts is decided in client_address; here nothing is cleared or believed.
            clear_untrusted_proxy_headers=False,
            asyncore_use_poll=True,
            expose_tracebacks=False,
        )
        self._server.channel_class = _Channel

    def run(self) -> None:
        """Serves until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        host, port = self._listening.getsockname()[:2]
        _LOG.info("Listening at: http://%s:%d", f"[{host}]" if ":" in host else host, port)
        end = None
        while end is None or (time.monotonic() < end and self._is_busy()):
            self._server.asyncore.loop(timeout=0.2, map=self._sockets, use_poll=True, count=1)
            self._close_the_late()
            if self._ending and end is None:
                end = time.monotonic() + END_SECONDS
                self._stop_accepting()
        # The threads of the pool are daemons: what is still in work ends with the process.
        self._app.extensions[EXTENSION].close()
        _LOG.info("Ended")

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _stop_accepting(self) -> None:
        self._server.accepting = False
        self._server.del_channel(self._sockets)
        self._listening.close()

    def _is_busy(self) -> bool:
        """Whether a request is in work, or an answer has not been sent."""
        return any(
            channel.requests or channel.total_outbufs_len
            for channel in list(self._server.active_channels.values())
        )

    def _close_the_late(self) -> None:
        now = time.monotonic()
        for channel in list(self._server.active_channels.values()):
            if channel.is_late(now):
                channel.will_close = True


def listener(address: str, default_port: int) -> socket.socket:
    """A bound socket for `ADDRESS[:PORT]`; IPv6 addresses in brackets, port 0 for any free one."""
    host, colon, port = address.rpartition(":")
    if not colon or address.endswith("]"):
        host, port = address, str(default_port)
    host = host.strip("[]")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise Unbindable(f"--bind {address[:80]!a} has no port; ADDRESS[:PORT] is expected")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, int(port)))
    except (OSError, UnicodeError) as error:
        listening.close()
        reason = error.strerror if isinstance(error, OSError) else "no address"
        raise Unbindable(
            f"--bind {address[:80]!a} cannot be listened on ({reason}); a free port of an address "
            "of this machine is expected"
        ) from None
    return listening
