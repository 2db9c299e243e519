"""GitHub's issues and comments over HTTP, as far as the workflows use them."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BOT = {"login": "github-actions[bot]", "type": "Bot"}
SOMEBODY = {"login": "somebody", "type": "User"}
REPOSITORY = "someone/login-monitor"
TOKEN = "-".join(["a", "token", "of", "nobody"])


@dataclass
class Stand:
    """What is there; a page holds two entries, so that pages have to be turned."""

    api: str = ""
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    authorizations: set[str] = field(default_factory=set)
    page: int = 2

    def issue(self, body: str, *, user: dict[str, str] = BOT, **more: Any) -> int:
        number = len(self.issues) + 1
        made = {"number": number, "body": body, "user": user, "state": "open", **more}
        self.issues[number] = made | {"html_url": f"https://github.example/issues/{number}"}
        return number

    def comment(self, number: int, body: str, *, user: dict[str, str] = BOT) -> int:
        key = len(self.comments) + 1
        address = f"https://github.example/comments/{key}"
        self.comments[key] = {
            "id": key,
            "on": number,
            "body": body,
            "user": user,
            "html_url": address,
        }
        return key

    @property
    def environment(self) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.api,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
        }

    def answer(self, method: str, path: str, content: dict[str, Any]) -> Any:
        path, _, query = path.removeprefix(f"/repos/{REPOSITORY}").partition("?")
        if found := re.fullmatch(r"/issues/comments/(\d+)", path):
            self.comments[int(found[1])].update(content)
            return self.comments[int(found[1])]
        if found := re.fullmatch(r"/issues/(\d+)/comments", path):
            number = int(found[1])
            if method == "POST":
                return self.comments[self.comment(number, content["body"])]
            return [each for each in self.comments.values() if each["on"] == number]
        if found := re.fullmatch(r"/issues/(\d+)", path):
            self.issues[int(found[1])].update(content)
            return self.issues[int(found[1])]
        if path == "/issues" and method == "POST":
            body = content.pop("body")
            return self.issues[self.issue(body, **content)]
        assert path == "/issues", path
        assert "state=open" in query
        return [each for each in self.issues.values() if each["state"] == "open"]


@contextmanager
def running() -> Iterator[Stand]:
    """The stand-in, on a port of its own."""
    stand = Stand()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            stand.authorizations.add(self.headers["Authorization"])
            length = int(self.headers.get("Content-Length") or 0)
            content = json.loads(self.rfile.read(length) or b"{}")
            found = stand.answer(self.command, self.path, content)
            self.send_response(200)
            if isinstance(found, list):
                number = int((re.findall(r"[?&]page=(\d+)", self.path) or ["1"])[0])
                rest = found[number * stand.page :]
                found = found[(number - 1) * stand.page : number * stand.page]
                if rest:
                    base = re.sub(r"[?&]page=\d+", "", self.path)
                    sign = "&" if "?" in base else "?"
                    following = f"{stand.api}{base}{sign}page={number + 1}"
                    self.send_header("Link", f'<{following}>; rel="next"')
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        do_GET = do_POST = do_PATCH = _do  # noqa: N815 - the server's names

        def log_message(self, *_arguments: object) -> None:
            """Nothing on the terminal of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    stand.api = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
