"""The few things that a workflow says on GitHub: one comment a pull request, one issue a stack."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests

from components.limits.refusal import RefusedError

TIMEOUT_S: Final = 30
BOT: Final = "Bot"
_REPOSITORY: Final = re.compile(r"[\w.-]+/[\w.-]+")


class GitHub:
    """A repository's issues and pull requests, with the token of the run."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        self._issues = f"{api.rstrip('/')}/repos/{repository}/issues"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["Accept"] = "application/vnd.github+json"

    @classmethod
    def of_run(cls, environment: Mapping[str, str] = os.environ) -> "GitHub":
        """As the runner names them; RefusedError where one is missing."""
        missing = [key for key in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not environment.get(key)]
        if missing:
            raise RefusedError.of(
                f"{missing[0]} is not set", "expected it in the step's environment"
            )
        repository = environment["GITHUB_REPOSITORY"]
        if not _REPOSITORY.fullmatch(repository):
            raise RefusedError.of(
                f"GITHUB_REPOSITORY {repository!r} is none", "expected owner/name"
            )
        api = environment.get("GITHUB_API_URL") or "https://api.github.com"
        return cls(api, repository, environment["GITHUB_TOKEN"])

    def comment(self, number: int, name: str, body: str) -> str:
        """Writes the comment of this name, or writes it anew; returns its address."""
        mark = _mark(name)
        old = self._own(f"{self._issues}/{number}/comments", mark)
        if old is None:
            made = self._send("POST", f"{self._issues}/{number}/comments", body=mark + body)
        else:
            made = self._send("PATCH", f"{self._issues}/comments/{old['id']}", body=mark + body)
        return str(made["html_url"])

    def tell(self, name: str, title: str, body: str) -> str:
        """Opens the issue of this name, or brings the open one up to date; returns its address."""
        mark = _mark(name)
        old = self._own(f"{self._issues}?state=open", mark)
        if old is None:
            made = self._send("POST", self._issues, title=title, body=mark + body)
        else:
            address = f"{self._issues}/{old['number']}"
            made = self._send("PATCH", address, title=title, body=mark + body)
        return str(made["html_url"])

    def settle(self, name: str, words: str) -> str:
        """Closes the open issue of this name with a last word; '' where there is none."""
        old = self._own(f"{self._issues}?state=open", _mark(name))
        if old is None:
            return ""
        self._send("POST", f"{self._issues}/{old['number']}/comments", body=words)
        closed = self._send("PATCH", f"{self._issues}/{old['number']}", state="closed")
        return str(closed["html_url"])

    def _own(self, address: str, mark: str) -> Any:
        """What a bot wrote that begins with the mark: anybody can copy the mark."""
        for each in self._all(address):
            by_bot = each.get("user", {}).get("type") == BOT
            if by_bot and "pull_request" not in each and str(each["body"] or "").startswith(mark):
                return each
        return None

    def _all(self, address: str) -> Iterator[Any]:
        """Page after page."""
        following = f"{address}{'&' if '?' in address else '?'}per_page=100"
        while following:
            answer = self._session.get(following, timeout=TIMEOUT_S)
            answer.raise_for_status()
            yield from answer.json()
            following = answer.links.get("next", {}).get("url", "")

    def _send(self, method: str, address: str, **content: str) -> Any:
        answer = self._session.request(method, address, json=content, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()


def _mark(name: str) -> str:
    return f"<!-- login-monitor: {name} -->\n"
