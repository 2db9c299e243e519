"""A Kudu and an app on a loopback port, answering from a script: what publishing is tested on."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]
"""Status, and a JSON value or the text of a page."""


@dataclass
class KuduStandIn:
    """Scripted answers by `METHOD path`; the last one of a script repeats."""

    script: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    url: str = ""

    def answer(self, request: str, token: str | None, body: bytes) -> Answer:
        """The next answer to a request; 404 for what is not in the script."""
        self.asked.append(request)
        self.tokens.append(token)
        if body:
            self.uploads.append(body)
        answers = self.script.get(request, [(404, "nothing here")])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def serving(stand_in: KuduStandIn, tls: ssl.SSLContext | None = None) -> Iterator[KuduStandIn]:
    """Serve it until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 the base class's name
            self.reply()

        def do_POST(self) -> None:  # noqa: N802
            self.reply()

        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = f"{self.command} {self.path}"
            status, told = stand_in.answer(request, self.headers.get("Authorization"), body)
            content = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", stand_in.url)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Silence: the test looks at what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    stand_in.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
