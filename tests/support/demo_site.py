"""A small app that tells what it got, the site that runs it, and a client that publishes."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from lab.azure import Azure
from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.site.site_settings import SiteSettings
from lab.clock.clock import Clock

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
SITE_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/Lab"
    "/providers/Microsoft.Web/sites/demo"
)

APP = """
import gzip, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode("latin-1")
        if self.path.startswith("/die"):
            os._exit(3)
        if self.path.startswith("/cut"):
            self.close_connection = True
            return
        if self.path.startswith("/say"):
            print("said " + self.path, flush=True)
        if self.path.startswith("/flood"):
            sys.stdout.write(("x" * 99 + "\\n") * 40_000)
            sys.stdout.flush()
        if self.path.startswith("/complain"):
            print("complaint", file=sys.stderr, flush=True)
        told = {
            "method": self.command,
            "path": self.requestline.split(" ")[1],
            "headers": self.headers.items(),
            "body": body,
            "time": time.time(),
            "monotonic": time.monotonic(),
            "environment": dict(os.environ),
            "version": "VERSION" in os.listdir(".") and open("VERSION").read(),
            "files": sorted(os.listdir(".")),
        }
        content = json.dumps(told).encode()
        self.send_response(302 if self.path.startswith("/moved") else 200)
        if self.path.startswith("/moved"):
            home = "https://" + self.headers["Host"] + "/there"
            self.send_header("Location", home if self.path == "/moved/home" else "/elsewhere")
        if self.path.startswith("/packed"):
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = answer

    def log_message(self, *arguments):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class RecordingAzure(Azure):
    """Keeps each emitted row, whatever the diagnostic settings."""

    def __init__(self, clock: Clock, **options: Any) -> None:
        super().__init__(clock, **options)
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.ingestion.listeners.append(self._emitted)

    def _emitted(self, _id: str, category: str, rows: Iterable[Mapping[str, Any]]) -> None:
        self.rows.setdefault(category, []).extend(dict(row) for row in rows)

    def table(self, name: str) -> list[dict[str, Any]]:
        return self.rows.get(name, [])

    def said(self) -> list[str]:
        """Texts of the console rows so far, without those of the platform's own start-up."""
        texts = [str(row["ResultDescription"]) for row in self.table("AppServiceConsoleLogs")]
        banner = ("A P P", "Python version", "Site's appCommandLine")
        return [text for text in texts if not text.startswith(banner)]


def settings(**changes: Any) -> SiteSettings:
    """A site that runs `app.py`."""
    usual: dict[str, Any] = {"name": "demo", "resource_id": SITE_ID, "https_only": True}
    return SiteSettings(**{**usual, "command_line": "python app.py", **changes})


def start(hosted: Hosted, folder: Path, code: str = APP) -> None:
    """Runs the code without Kudu."""
    place = folder / "code"
    place.mkdir(exist_ok=True)
    (place / "app.py").write_text(code, encoding="utf-8")
    hosted.site.run(place, hosted.site.builder.image())


def package(files: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


class Publisher:
    """A client of Kudu that finds it as any program would: by the environment's proxy."""

    def __init__(self, service: AppService, name: str = "demo") -> None:
        environment = service.edge.environment()
        self.base = f"https://{name}.scm.azurewebsites.net"
        self.session = session_for(environment)
        self.session.headers["Authorization"] = f"Bearer {token(environment)}"

    def publish(self, content: bytes, query: str = "type=zip") -> requests.Response:
        return self.session.post(f"{self.base}/api/publish?{query}", data=content, timeout=120)

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self.base}{path}", timeout=30, allow_redirects=False)

    def log(self) -> list[str]:
        latest = self.get("/api/deployments/latest").json()
        entries = self.get(f"/api/deployments/{latest['id']}/log").json()
        return [str(entry["message"]) for entry in entries]


def session_for(environment: Mapping[str, str]) -> requests.Session:
    """A session that uses the proxy for http, too."""
    session = requests.Session()
    session.trust_env = False
    proxy = environment["HTTPS_PROXY"]
    session.proxies = {"https": proxy, "http": proxy}
    session.verify = environment["REQUESTS_CA_BUNDLE"]
    return session


def token(environment: Mapping[str, str], resource: str = "https://management.azure.com/") -> str:
    answer = requests.get(
        environment["IDENTITY_ENDPOINT"],
        params={"resource": resource, "api-version": "2019-08-01"},
        headers={"X-IDENTITY-HEADER": environment["IDENTITY_HEADER"]},
        timeout=10,
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])
