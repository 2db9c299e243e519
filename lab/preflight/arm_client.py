"""Asks Azure Resource Manager; nothing here changes anything."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import requests

from components.limits.refusal import NOWHERE, FailedError, Refusal

ENDPOINT: Final = "https://management.azure.com"
SCOPE: Final = "https://management.azure.com/.default"
TIMEOUT_S: Final = 30.0
MOST_PAGES: Final = 50


class ArmError(FailedError):
    """A question that was not answered; `status` is HTTP's, 0 when nobody answered."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(Refusal(NOWHERE, text))
        self.status = status


class ArmClient:
    """Of one subscription; `token` gives a valid bearer token for Resource Manager."""

    def __init__(
        self, subscription: str, token: Callable[[], str], endpoint: str = ENDPOINT
    ) -> None:
        self.subscription = subscription
        self._root = f"{endpoint.rstrip('/')}/subscriptions/{subscription}"
        self._token = token
        self._http = requests.Session()

    def get(self, path: str, version: str, **query: str) -> dict[str, Any]:
        """One object; `path` begins below the subscription. ArmError when it is not answered."""
        return self._asked("GET", f"{self._root}{path}", {"api-version": version, **query})

    def pages(self, path: str, version: str, **query: str) -> Iterator[dict[str, Any]]:
        """The members of `value`, of every page."""
        page = self.get(path, version, **query)
        for _ in range(MOST_PAGES):
            yield from page.get("value") or ()
            if not page.get("nextLink"):
                return
            page = self._asked("GET", str(page["nextLink"]), {})

    def close(self) -> None:
        self._http.close()

    def _asked(self, verb: str, url: str, query: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token()}"}
        try:
            answer = self._http.request(
                verb, url, params=query, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException as error:
            host = url.split("/")[2]
            raise ArmError(0, f"{host} does not answer ({type(error).__name__})") from None
        if answer.status_code != 200:
            raise ArmError(answer.status_code, _reason(answer))
        try:
            body = answer.json()
        except ValueError:
            raise ArmError(200, "the answer is not JSON") from None
        return body if isinstance(body, dict) else {"value": body}


def _reason(answer: requests.Response) -> str:
    """Azure's own words, of which the code comes first."""
    try:
        error = answer.json()["error"]
        return f"{answer.status_code} {error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason}"
