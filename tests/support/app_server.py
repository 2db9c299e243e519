"""The app as it is deployed: its start-up command, its real server, real HTTP on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from components.content.places import APP_SOURCE
from tests.support.app_client import csrf_token

APP_SRC = APP_SOURCE
START_UP_COMMAND = [sys.executable, "serve.py", "--bind"]
LISTENING = re.compile(r"Listening at: (http://127\.0\.0\.1:\d+)")
PATIENCE_SECONDS = 60

Body = bytes | dict[str, str] | Iterator[bytes]
Headers = Mapping[str, str]


def start_up(
    home: Path, *, bind: str = "127.0.0.1:0", **environment: str
) -> subprocess.Popen[bytes]:
    """The server on a free loopback port; stdout and stderr are pipes."""
    inherited = {key: os.environ[key] for key in ("LANG", "SYSTEMROOT") if key in os.environ}
    return subprocess.Popen(
        [*START_UP_COMMAND, bind],
        cwd=APP_SRC,
        env=inherited
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
            "INITIAL_PASSWORDS": "keep",
        }
        | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@dataclass
class Server:
    """A running app and what it has written to stdout so far."""

    url: str
    process: subprocess.Popen[bytes]

    def new_lines(self) -> list[str]:
        """The lines that are there now; waits for none, since an event precedes its answer."""
        assert self.process.stdout
        descriptor = self.process.stdout.fileno()
        os.set_blocking(descriptor, False)
        text = b""
        while True:
            try:
                piece = os.read(descriptor, 65536)
            except BlockingIOError:
                break
            if not piece:
                break
            text += piece
        assert text.endswith(b"\n") or not text, f"a line is not complete: {text[-200:]!r}"
        return text.decode("ascii").splitlines()

    def new_events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.new_lines()]


@contextmanager
def running(home: Path, **environment: str) -> Iterator[Server]:
    """The server, once it answers; ended with everything it started."""
    process = start_up(home, **environment)
    try:
        server = Server(_address(process), process)
        requests.get(f"{server.url}/health", timeout=PATIENCE_SECONDS).raise_for_status()
        # What was done to accounts at the start, and the first heartbeat.
        server.new_lines()
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_SECONDS)


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr
    told = ""
    for line in process.stderr:
        told += line.decode()
        if found := LISTENING.search(told):
            return found[1]
    raise AssertionError(f"the app did not start:\n{told}")


class Visitor:
    """A browser over real HTTP, with what the front end adds."""

    def __init__(self, server: Server, **headers: str) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update({"User-Agent": "Browser/1.0"} | headers)
        self.url = server.url

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, path: str) -> requests.Response:
        return self._send("GET", path)

    def post(self, path: str, body: Body, **headers: str) -> requests.Response:
        return self._send("POST", path, body, headers)

    def sign_in(self, username: str, password: str, **headers: str) -> requests.Response:
        token = csrf_token(self.get("/login").text)
        form = {"csrf_token": token, "username": username, "password": password}
        return self._send("POST", "/login", form, headers)

    def _send(
        self, method: str, path: str, body: Body | None = None, headers: Headers | None = None
    ) -> requests.Response:
        # Browsers send a Secure cookie to loopback; requests does not, so it is sent by hand.
        kept = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)
        return self.session.request(
            method,
            self.url + path,
            data=body,
            headers={"Cookie": kept} | dict(headers or {}),
            timeout=PATIENCE_SECONDS,
            allow_redirects=False,
        )
