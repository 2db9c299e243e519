"""The server holds on: slow clients, broken requests, its end; over real HTTP on loopback."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from login_app.security_headers import HEADERS

from tests.support.app_client import csrf_token
from tests.support.app_server import PATIENCE_SECONDS, Server, Visitor, running

KEY = "k" * 32
USERS = {"alice": "down the rabbit hole"}
GIVEN = {"SECRET_KEY": KEY, "INITIAL_USERS": json.dumps(USERS), "CAPTCHA": "off"}
SLOW_CLIENTS = 90
POST = (
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"X-Forwarded-For: 198.51.100.7:1\r\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    with running(home, RATE_LIMIT="9999 per minute", **GIVEN) as server:
        yield server


def connection(server: Server) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), PATIENCE_SECONDS)


def answer_to(server: Server, request: bytes) -> bytes:
    with connection(server) as sender:
        sender.sendall(request)
        answer = b""
        # A server that has given up reading may cut the line while we still send.
        with suppress(ConnectionResetError):
            while piece := sender.recv(65536):
                answer += piece
    return answer


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        POST + b"Content-Length: 5000\r\n\r\nusername=a",
        b"GET /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n10\r\nuser",
    ],
    ids=["silent", "half a header", "half a body", "a GET with a body", "half a chunk"],
)
def test_clients_that_send_slowly_keep_nobody_waiting(server: Server, beginning: bytes) -> None:
    with ExitStack() as held, Visitor(server) as visitor:
        for _ in range(SLOW_CLIENTS):
            held.enter_context(connection(server)).sendall(beginning)
        for path in ("/", "/health") * 5:
            answer = visitor.get(path)
            assert answer.status_code == 200
            assert answer.elapsed.total_seconds() < 2
        assert visitor.sign_in("alice", USERS["alice"]).status_code == 302


def test_a_request_has_a_deadline_as_a_whole(server: Server) -> None:
    started = time.monotonic()
    with connection(server) as trickler:
        trickler.settimeout(1)
        trickler.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        while time.monotonic() - started < 40:
            try:
                # Each byte would set back the clock of a time-out that only knows pauses.
                trickler.sendall(b"x")
                if trickler.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("a client that trickles is held for ever")
    assert time.monotonic() - started > 10


@pytest.mark.parametrize(
    "request_bytes",
    [
        POST + b"Transfer-Encoding: chunked\r\n\r\nusername=alice&password=LEAKME123\r\n0\r\n\r\n",
        POST + b"Content-Length: 5\r\nContent-Length: LEAKME123\r\n\r\nabcde",
        POST + b"Cookie: LEAKME123\x00\r\nContent-Length: 1\r\n\r\na",
        b"LEAKME123 /login HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: LEAKME123\r\n\r\n",
        POST + b"X-Long: " + b"LEAKME123" * 5000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_nothing_of_it_is_told(
    server: Server, request_bytes: bytes
) -> None:
    server.new_lines()
    answer = answer_to(server, request_bytes)
    assert not answer or 400 <= int(answer.split()[1]) < 500
    assert b"LEAKME123" not in answer
    if b"text/plain" in answer:
        for name, value in HEADERS.items():
            assert f"{name}: {value}".encode() in answer
    assert "LEAKME123" not in "\n".join(server.new_lines())
    assert "LEAKME123" not in _new_errors(server)


@pytest.mark.parametrize("host", [b"a..b", b".", b"x" * 70, b"[", b"a b", b"\xff"])
@pytest.mark.parametrize("path", [b"/", b"/nothing", b"/account"])
def test_a_broken_host_gets_a_page_with_our_headers(
    server: Server, host: bytes, path: bytes
) -> None:
    request = b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path, host)
    answer = answer_to(server, request)
    assert int(answer.split()[1]) < 500
    assert b"Content-Security-Policy: default-src 'none'" in answer


def test_a_sign_in_with_a_broken_host_is_an_event_all_the_same(server: Server) -> None:
    server.new_lines()
    body = b"username=alice&password=x"
    request = b"POST /login HTTP/1.1\r\nHost: a..b\r\nX-Forwarded-For: 198.51.100.7:1\r\n"
    request += b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
    answer = answer_to(server, request + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    assert int(answer.split()[1]) < 500
    # A host that is none leads to no page at all: that is not an attempt, and no page was shown.
    assert len(server.new_lines()) <= 1


def test_pages_do_not_wait_for_password_hashes(server: Server) -> None:
    def knock(number: int) -> int:
        headers = {"X-Forwarded-For": f"2001:db8:{number:x}::1"}
        with Visitor(server, **headers) as visitor:
            return visitor.sign_in("alice", "wrong").status_code

    with ThreadPoolExecutor(100) as pool, Visitor(server) as visitor:
        tries = [pool.submit(knock, number) for number in range(150)]
        waited = []
        while not all(each.done() for each in tries):
            waited.append(visitor.get("/health").elapsed.total_seconds())
            server.new_lines()
        answers = {each.result() for each in tries}
    assert answers <= {401, 503}
    assert sorted(waited)[len(waited) // 2] < 1.5, "the health check waits for sign-ins"


def test_after_sigterm_what_was_taken_on_is_answered_and_the_end_is_quick(tmp_path: Path) -> None:
    with running(tmp_path, RATE_LIMIT="9999 per minute", **GIVEN) as server, ExitStack() as held:
        for _ in range(10):
            held.enter_context(connection(server)).sendall(POST + b"Content-Length: 50\r\n\r\nu")
        visitors = [held.enter_context(Visitor(server)) for _ in range(8)]
        tokens = [csrf_token(visitor.get("/login").text) for visitor in visitors]
        server.new_lines()

        def knock(number: int) -> int:
            form = {"csrf_token": tokens[number], "username": "alice", "password": "wrong"}
            return visitors[number].post("/login", form).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(knock, number) for number in range(8)]
            time.sleep(0.1)
            started = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(5)
        assert time.monotonic() - started < 5, "App Service kills after five seconds"
        assert [each.result() for each in answers] == [401] * 8
        assert len(server.new_events()) == 8
        assert server.process.returncode == 0


def test_a_stalled_reader_of_standard_output_is_a_503_and_no_hang(tmp_path: Path) -> None:
    with running(tmp_path, RATE_LIMIT="9999 per minute", **GIVEN) as server:
        # Filled from outside, as by lines that nobody has read.
        assert server.process.stdout
        with open(f"/proc/{server.process.pid}/fd/1", "wb", buffering=0) as pipe:
            os.set_blocking(pipe.fileno(), False)
            while True:
                try:
                    if not pipe.write(b"x" * 4095 + b"\n"):
                        break
                except BlockingIOError:
                    break
        with Visitor(server) as visitor:
            started = time.monotonic()
            assert visitor.sign_in("alice", USERS["alice"]).status_code == 503
            assert visitor.get("/account").status_code == 302
            assert visitor.get("/").status_code == 200
            assert time.monotonic() - started < 20
            server.new_lines()
            assert visitor.sign_in("alice", USERS["alice"]).status_code == 302
            assert [event["EventResult"] for event in server.new_events()] == ["Success"]


def test_a_killed_process_leaves_whole_lines_and_starts_again(tmp_path: Path) -> None:
    with running(tmp_path, RATE_LIMIT="9999 per minute", **GIVEN) as server:

        def knock(_: int) -> int:
            with Visitor(server) as visitor:
                try:
                    return visitor.sign_in("alice", USERS["alice"]).status_code
                except OSError:
                    return 0

        with ThreadPoolExecutor(10) as pool:
            tries = [pool.submit(knock, number) for number in range(20)]
            time.sleep(0.4)
            server.process.kill()
            server.process.wait(5)
            answered = [each.result() for each in tries].count(302)
        assert answered <= len(server.new_events()), "somebody got in whom nobody saw"
    with running(tmp_path, **GIVEN) as again, Visitor(again) as visitor:
        assert visitor.sign_in("alice", USERS["alice"]).status_code == 302


def _new_errors(server: Server) -> str:
    assert server.process.stderr
    descriptor = server.process.stderr.fileno()
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, 1_000_000).decode()
    except BlockingIOError:
        return ""
