"""A visitor of the app in process: reads actions, not requests."""

import json
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

USERNAME = "alice"
PASSWORD = "down the rabbit hole"
ADDRESS = "198.51.100.7"


class Browser:
    """Keeps its cookies; sends what App Service's front end would add."""

    def __init__(self, app: Flask, lines: list[str], address: str = ADDRESS) -> None:
        self.client = app.test_client()
        self.lines = lines
        self.headers = {"X-Forwarded-For": f"{address}:40123", "User-Agent": "Browser/1.0"}

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers, buffered=True)

    def post(self, path: str, **form: str) -> TestResponse:
        return self.client.post(path, data=form, headers=self.headers)

    def token(self, path: str = "/login") -> str:
        return csrf_token(self.get(path).text)

    def sign_in(
        self, username: str = USERNAME, password: str = PASSWORD, **form: str
    ) -> TestResponse:
        form = {"csrf_token": self.token()} | form
        return self.post("/login", username=username, password=password, **form)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    def last_event(self) -> dict[str, Any]:
        return self.events()[-1]


def csrf_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, f"no form with a token on this page:\n{page}"
    return found[1]


def without_token(page: str) -> str:
    return page.replace(csrf_token(page), "TOKEN")
