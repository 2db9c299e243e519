"""An app's references to secrets: App Service looks for them once, and here it is asked to again.

A role may take ten minutes until it counts, and a reference that was looked for too early stays an
error for a day ("Use Key Vault references as app settings"), in which the app finds the reference's
own text in place of the secret. Pure of pulumi.
"""

from collections.abc import Callable, Mapping
from typing import Any

import requests

from components.limits.refusal import FailedError
from components.publish.kudu import BearerToken, reason, retry_after
from components.publish.retry import Retry

MANAGEMENT = "https://management.azure.com"
_VERSION = {"api-version": "2022-03-01"}
_REFERENCES = "/config/configreferences/appsettings"
_RESOLVED = "Resolved"
_TRY_AGAIN = (404, 408, 409, 429, 500, 502, 503, 504)
_TIMEOUT = (10, 60)


class References:
    """Of one site, by its Azure id."""

    def __init__(self, site_id: str, token: Callable[[], str], retry: Retry) -> None:
        self._url = f"{MANAGEMENT}{site_id}"
        self._retry = retry
        self._session = requests.Session()
        self._session.auth = BearerToken(token)

    def settle(self) -> bool:
        """Returns when all of them are resolved: whether that took another look.

        FailedError names those that are not, with App Service's reason, when time is up.
        """
        was_open = False
        while open_ones := self._unresolved():
            was_open = True
            told = ", ".join(f"{name} ({status})" for name, status in sorted(open_ones.items()))
            self._retry.wait("Key Vault references are not resolved", told)
            self._ask("POST", f"{_REFERENCES}/refresh")
        return was_open

    def restart(self) -> None:
        """A running app has its settings from its start."""
        self._ask("POST", "/restart")

    def _unresolved(self) -> Mapping[str, str]:
        """Azure's word for what is wrong, by the setting's name.

        A site that is asked about has references: a list without any was not made yet.
        """
        found: dict[str, str] = {}
        number, url = 0, f"{self._url}{_REFERENCES}"
        while url:
            told = _json(self._ask("GET", _REFERENCES, url))
            told = told if isinstance(told, dict) else {}
            entries = told.get("value")
            for entry in entries if isinstance(entries, list) else []:
                number += 1
                status = str((entry.get("properties") or {}).get("status") or "")
                if status != _RESOLVED:
                    found[str(entry.get("name"))] = status
            following = str(told.get("nextLink") or "")
            url = following if following.startswith(f"{MANAGEMENT}/") else ""
        return found if number else {"none": "App Service lists no reference yet"}

    def _ask(self, method: str, path: str, url: str = "") -> requests.Response:
        while True:
            try:
                whole = url or f"{self._url}{path}"
                params = None if "api-version=" in whole else _VERSION
                answer = self._session.request(method, whole, params=params, timeout=_TIMEOUT)
            except requests.RequestException as error:
                self._retry.wait(f"{MANAGEMENT} cannot be reached", reason(error))
                continue
            if answer.ok:
                return answer
            told = f"{answer.status_code} {answer.reason}"
            if answer.status_code not in _TRY_AGAIN:
                raise FailedError.of(
                    f"{MANAGEMENT} refuses {method} {path} ({told}): {answer.text[:300]}",
                    "expected an identity with the role Contributor on the web app",
                )
            self._retry.wait(
                f"{MANAGEMENT} does not answer", told, at_least=retry_after(answer.headers)
            )


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except requests.JSONDecodeError:
        return None
