"""Measures whether the login app stays up, and what its defences cost; ratios within one run.

`python benchmarks/app.py`: the app is started as it is deployed, on loopback, and the figures are
printed as JSON. Pages are asked for while nobody else is there, and again while eight slow clients
and fifty that sign in hold on; a sign-in is compared with the password hash inside it.
"""

import json
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from argon2 import PasswordHasher  # noqa: E402 the path first

from tests.support.app_client import csrf_token  # noqa: E402
from tests.support.app_server import Server, Visitor, running  # noqa: E402

NAME, PASSWORD = "maeve", "a long passphrase"
GIVEN = {"SECRET_KEY": "k" * 32, "INITIAL_USERS": json.dumps({NAME: PASSWORD}), "CAPTCHA": "off"}
UNLIMITED = "100000 per minute"
SLOW, SIGNING_IN, AT_ONCE, REFUSED = 8, 50, 200, 2000
PAGES, SIGN_INS = 200, 40
# An account that fails too often is closed, and nothing is hashed for it any more.
_NAMES = (f"nobody{number}" for number in count())
_SLOW_REQUEST = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nusername=a"


def figures() -> dict[str, float]:
    """All figures; times in milliseconds, memory in MiB."""
    with _app(UNLIMITED) as server:
        at_rest = _memory(server, "VmRSS")
        idle = _p95(lambda visitor: visitor.get("/"), server, PAGES)
        with _crowd(server):
            busy = _p95(lambda visitor: visitor.get("/"), server, PAGES)
        sign_in = median(_seconds(_sign_in, server, SIGN_INS)) * 1000
        answers = _at_once(server)
        found = {
            "page_p95_idle_ms": idle,
            "page_p95_busy_ms": busy,
            "page_busy_to_idle": busy / idle,
            "sign_in_ms": sign_in,
            "hash_share_of_sign_in": _hash_ms() / sign_in,
            "memory_at_rest_mib": at_rest,
            "memory_peak_mib": _memory(server, "VmHWM"),
            "answered_of_200_at_once": answers,
        }
    with _app("3 per day") as server:
        found["log_bytes_per_refused_try"] = _log_bytes(server)
    return {name: round(value, 2) for name, value in found.items()}


@contextmanager
def _app(rate_limit: str) -> Iterator[Server]:
    with (
        tempfile.TemporaryDirectory() as home,
        running(Path(home), RATE_LIMIT=rate_limit, **GIVEN) as server,
    ):
        # A pipe that nobody reads is full after 64 KiB, and then nobody gets in.
        done = Event()
        reader = Thread(target=_drain, args=(server, done))
        reader.start()
        try:
            yield server
        finally:
            done.set()
            reader.join()


def _drain(server: Server, done: Event) -> None:
    while not done.wait(0.05):
        server.written = getattr(server, "written", 0) + sum(  # type: ignore[attr-defined]
            len(line) + 1 for line in server.new_lines()
        )


@contextmanager
def _crowd(server: Server) -> Iterator[None]:
    """Eight clients that never finish their requests, and fifty that sign in again and again."""
    parts = urlsplit(server.url)
    # In a process of its own: who measures must not share Python's lock with those who knock.
    crowd = get_context("spawn").Process(target=knock_for_ever, args=(server.url,), daemon=True)
    with ExitStack() as held:
        for _ in range(SLOW):
            slow = socket.create_connection((parts.hostname or "", parts.port or 0))
            held.enter_context(slow).sendall(_SLOW_REQUEST)
        crowd.start()
        time.sleep(6)
        try:
            yield
        finally:
            crowd.terminate()
            crowd.join()


def knock_for_ever(url: str) -> None:
    """Fifty threads that sign in; ends with its process."""

    def knock(number: int) -> None:
        server = Server(url, None)  # type: ignore[arg-type]  # only its address is used
        with Visitor(server, **{"X-Forwarded-For": f"2001:db8:{number:x}::1"}) as visitor:
            for each in count():
                visitor.sign_in(f"nobody{number}-{each}", "wrong")

    with ThreadPoolExecutor(SIGNING_IN) as pool:
        list(pool.map(knock, range(SIGNING_IN)))


def _seconds(ask: Callable[[Visitor], object], server: Server, times: int) -> list[float]:
    taken = []
    with Visitor(server) as visitor:
        for _ in range(times):
            started = time.perf_counter()
            ask(visitor)
            taken.append(time.perf_counter() - started)
    return taken


def _p95(ask: Callable[[Visitor], object], server: Server, times: int) -> float:
    return quantiles(_seconds(ask, server, times), n=20)[-1] * 1000


def _sign_in(visitor: Visitor) -> None:
    """Posts only: the form is asked for once."""
    token = getattr(visitor, "token", None) or csrf_token(visitor.get("/login").text)
    form = {"csrf_token": token, "username": next(_NAMES), "password": "wrong"}
    answer = visitor.post("/login", form)
    visitor.token = token  # type: ignore[attr-defined]  # kept for the next one
    if answer.status_code != 401:
        raise SystemExit(f"a sign-in was answered with {answer.status_code}; expected 401")


def _hash_ms() -> float:
    hasher = PasswordHasher(memory_cost=12 * 1024, time_cost=3, parallelism=1)
    taken = []
    for _ in range(SIGN_INS):
        started = time.perf_counter()
        hasher.hash(PASSWORD)
        taken.append(time.perf_counter() - started)
    return median(taken) * 1000


def _at_once(server: Server) -> int:
    """How many of 200 sign-ins at the same time are answered at all, with 401 or 503."""

    def knock(number: int) -> int:
        with Visitor(server, **{"X-Forwarded-For": f"2001:db8:{number:x}::2"}) as visitor:
            return visitor.sign_in(next(_NAMES), "wrong").status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(status in (401, 503) for status in pool.map(knock, range(AT_ONCE)))


def _log_bytes(server: Server) -> float:
    before = getattr(server, "written", 0)
    with Visitor(server) as visitor:
        for number in range(REFUSED):
            visitor.post("/login", {"username": f"{number}" + "x" * 3000})
    time.sleep(11)  # the last number is told ten seconds later
    return float(getattr(server, "written", 0) - before) / REFUSED


def _memory(server: Server, what: str) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    json.dump(figures(), sys.stdout, indent=2)
    sys.stdout.write("\n")
