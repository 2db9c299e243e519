"""A page of another site cannot make its visitor look like an attacker; with a real browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support import chromium
from tests.support.app_server import running

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

POSTS = 40
PAGE = """<!doctype html><title>news</title><script>
(async () => {
  for (let i = 0; i < %d; i++)
    await fetch("%s/login", {method: "POST", mode: "no-cors", credentials: "include",
      headers: {"Content-Type": "application/x-www-form-urlencoded"},
      body: "username=user" + i + "&password=x"}).catch(() => {});
  document.title = "done";
})();
</script>"""


@contextmanager
def foreign_page(html: str) -> Iterator[str]:
    """Serves one page as another site: `localhost` is another one than 127.0.0.1."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_her_address_is_not_counted_no_name_is_logged_and_she_signs_in(tmp_path: Path) -> None:
    users = {"maeve": "a long passphrase"}
    given = {"SECRET_KEY": "k" * 32, "INITIAL_USERS": json.dumps(users)}
    with (
        running(tmp_path, RATE_LIMIT="5 per minute", **given) as app,
        foreign_page(PAGE % (POSTS, app.url)) as elsewhere,
        chromium.page() as page,
    ):
        page.goto(elsewhere)
        page.wait_for_function("document.title === 'done'", timeout=30_000)
        events = app.new_events()
        assert [event["EventOriginalResultDetails"] for event in events] == ["CrossSite"] * POSTS
        assert not any("TargetUsername" in event for event in events)
        page.goto(f"{app.url}/login")
        page.fill("[name=username]", "maeve")
        page.fill("[name=password]", users["maeve"])
        page.click("form button")
        assert page.url.endswith("/account"), page.inner_text("main")
