"""The app as App Service runs it: the start-up command, over real HTTP on loopback."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest
from login_app.json_line import MAX_LINE_BYTES

from tests.support.app_client import csrf_token, without_token
from tests.support.app_server import PATIENCE_SECONDS, Server, Visitor, running, start_up

KEY = "k" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
USERS = {"alice": "down the rabbit hole", "josé": "twelve characters"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    with running(
        home,
        SECRET_KEY=KEY,
        INITIAL_USERS=json.dumps(USERS),
        RATE_LIMIT="9999 per minute",
        CAPTCHA="off",
    ) as server:
        yield server


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    server.new_lines()
    with Visitor(server) as visitor:
        yield visitor


def test_a_sign_in_works_and_its_line_is_out_before_the_answer(
    server: Server, visitor: Visitor
) -> None:
    for username, password in USERS.items():
        answer = visitor.sign_in(username, password)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/account")
        assert [event["TargetUsername"] for event in server.new_events()] == [username]
        assert visitor.get("/account").status_code == 200


def test_only_events_are_on_standard_output(server: Server, visitor: Visitor) -> None:
    for path in ("/", "/login", "/health", "/account", "/nothing", "/static/style.css"):
        visitor.get(path)
    visitor.sign_in("alice", "wrong")
    assert len(server.new_events()) == 1


def test_the_forged_left_part_of_the_header_does_not_change_the_address(
    server: Server, visitor: Visitor
) -> None:
    for forged in (
        "",
        "203.0.113.66, ",
        "203.0.113.66:1, [2001:db8::66]:2, ",
        ",,,",
        "x" * 4000 + ",",
    ):
        header = {"X-Forwarded-For": f"{forged}198.51.100.7:4711"}
        visitor.sign_in("alice", "wrong", **header, **{"Client-IP": "203.0.113.67"})
        (event,) = server.new_events()
        assert (event["SrcIpAddr"], event["SrcPortNumber"]) == ("198.51.100.7", 4711)


def test_two_forwarding_headers_count_as_one_list(server: Server) -> None:
    parts = urlsplit(server.url)
    body = b"username=alice"
    request = (
        b"POST /login HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.66\r\n"
        b"X-Forwarded-For: 198.51.100.7:4711\r\nX_Forwarded_For: 203.0.113.67\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%s" % (len(body), body)
    )
    server.new_lines()
    answer = _raw(parts.hostname or "", parts.port or 0, request)
    assert answer.startswith(b"HTTP/1.1 400 ")
    (event,) = server.new_events()
    assert event["SrcIpAddr"] == "198.51.100.7"
    assert event["EventOriginalResultDetails"] == "CsrfFailed"


def test_without_a_front_end_the_peer_is_the_address(server: Server, visitor: Visitor) -> None:
    visitor.sign_in("alice", "wrong")
    (event,) = server.new_events()
    assert event["SrcIpAddr"] == "127.0.0.1"
    assert event["SrcPortNumber"] > 0


def test_no_header_of_a_visitor_bends_the_request(server: Server, visitor: Visitor) -> None:
    said = {"X-Forwarded-Proto": "http", "X-Forwarded-Ssl": "on", "SCRIPT_NAME": "/health"}
    visitor.session.headers.update(said | {"X-Forwarded-Host": "evil.example.com"})
    assert visitor.get("/health").status_code == 200
    assert visitor.get("/account").headers["Location"] == "/login"


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(visitor: Visitor) -> None:
    known = visitor.sign_in("alice", "wrong")
    unknown = visitor.sign_in("mallory", "something else")
    assert known.status_code == unknown.status_code == 401
    assert without_token(known.text) == without_token(unknown.text)
    assert known.headers.keys() == unknown.headers.keys()
    assert known.headers["Content-Length"] == unknown.headers["Content-Length"]


def test_an_unknown_user_takes_as_long_as_a_wrong_password(visitor: Visitor) -> None:
    seconds: dict[str, list[float]] = {"alice": [], "mallory": [], "x" * 9000: [], "\x00": []}
    for _ in range(15):
        for username, taken in seconds.items():
            answer = visitor.sign_in(username, "wrong")
            assert answer.status_code == 401
            taken.append(answer.elapsed.total_seconds())
    known = median(seconds.pop("alice"))
    for username, taken in seconds.items():
        assert 0.5 < median(taken) / known < 2, f"{username[:9]!a} can be told from a real user"
    assert len(seconds) == 3


def test_events_of_many_visitors_at_once_do_not_mix(server: Server) -> None:
    server.new_lines()

    def knock(number: int) -> int:
        agent = f"Agent {number} " + "é" * 3000
        with Visitor(server) as visitor:
            answer = visitor.sign_in(f"user{number}", "wrong", **{"User-Agent": agent})
            return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        answers: list[int] = []
        lines: list[str] = []
        # In batches: a pipe holds no more than 64 KiB that nobody has read.
        for batch in range(0, 24, 8):
            answers += list(pool.map(knock, range(batch, batch + 8)))
            lines += server.new_lines()
    assert answers == [401] * 24
    events = [json.loads(line) for line in lines]
    assert {event["TargetUsername"] for event in events} == {f"user{n}" for n in range(24)}
    assert len(lines) == 24
    assert max(len(line) for line in lines) < MAX_LINE_BYTES


@pytest.mark.parametrize("size", [20_000, 3_000_000])
@pytest.mark.parametrize("announced", [True, False])
def test_an_endless_body_is_refused_and_does_no_harm(
    server: Server, visitor: Visitor, size: int, announced: bool
) -> None:
    body = b"username=alice&password=" + b"x" * size
    pieces = (body[start : start + 4096] for start in range(0, len(body), 4096))
    with Visitor(server) as flooder:
        answer = flooder.post("/login", body if announced else pieces, **FORM)
    assert answer.status_code == 413
    # What is longer than the server reads is in the HTTP log only.
    told = [event["EventOriginalResultDetails"] for event in server.new_events()]
    assert told == ["BodyTooLarge"] * (size == 20_000)
    assert visitor.sign_in("alice", USERS["alice"]).status_code == 302


def test_a_shut_standard_output_does_not_let_anybody_in_unseen(tmp_path: Path) -> None:
    with running(
        tmp_path, SECRET_KEY=KEY, INITIAL_USERS=json.dumps(USERS)
    ) as server, Visitor(server) as visitor:  # fmt: skip
        assert server.process.stdout
        server.process.stdout.close()
        server.process.stdout = None
        answer = visitor.sign_in("alice", USERS["alice"])
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert visitor.get("/account").status_code == 302
        assert visitor.get("/health").status_code == 200
        assert server.process.stderr
        record = json.loads(server.process.stderr.readline())
        while record["level"] == "INFO":
            record = json.loads(server.process.stderr.readline())
        assert record["message"] == "a page is not available"
        assert record["error"].startswith("BrokenPipeError")
        assert record["where"].startswith("console.py:")


def test_two_instances_share_users_and_sessions(tmp_path: Path) -> None:
    given = {"SECRET_KEY": KEY, "INITIAL_USERS": json.dumps(USERS)}
    with (
        running(tmp_path, **given) as first,
        running(tmp_path, **given) as second,
        Visitor(first) as visitor,
    ):
        assert visitor.sign_in("alice", USERS["alice"]).status_code == 302
        visitor.url = second.url
        assert visitor.get("/account").status_code == 200
        token = csrf_token(visitor.get("/account").text)
        assert visitor.post("/logout", {"csrf_token": token}).status_code == 302
        (event,) = second.new_events()[-1:]
        assert (event["EventType"], event["TargetUsername"]) == ("Logoff", "alice")


@pytest.mark.parametrize(
    ("environment", "told", "code"),
    [
        ({}, "SECRET_KEY is missing;", 1),
        ({"SECRET_KEY": "geheim"}, "SECRET_KEY has 6 characters;", 1),
        ({"SECRET_KEY": KEY, "INITIAL_USERS": '{"a": "geheim"'}, "INITIAL_USERS is not JSON", 1),
        ({"SECRET_KEY": KEY, "DATABASE_URL": "sqlite:////no/where.db"}, "DATABASE_URL sqlite", 1),
        ({"SECRET_KEY": KEY, "RATE_LIMIT_STORAGE_URL": "x://:geheim@y"}, "RATE_LIMIT_STORAGE", 1),
    ],
)
def test_what_cannot_work_is_refused_at_the_start_in_one_line(
    tmp_path: Path, environment: dict[str, str], told: str, code: int
) -> None:
    process = start_up(tmp_path, **environment)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    lines = [line for line in err.decode().splitlines() if not line.startswith('{"ts"')]
    assert process.returncode == code
    assert len(lines) == 1
    assert lines[0].startswith(f"login app: {told}")
    assert b"geheim" not in err
    assert b"Traceback" not in err
    assert out == b""


def test_a_port_that_is_taken_is_refused_in_one_line(server: Server, tmp_path: Path) -> None:
    port = urlsplit(server.url).port
    process = start_up(tmp_path, bind=f"127.0.0.1:{port}", SECRET_KEY=KEY)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, out) == (1, b"")
    assert err.startswith(f"login app: --bind '127.0.0.1:{port}' cannot be listened on".encode())
    assert not (tmp_path / "login.db").exists()


def _raw(host: str, port: int, request: bytes) -> bytes:
    with socket.create_connection((host, port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer
