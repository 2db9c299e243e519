"""How long an app does not answer while a stack is changed, in lab time.

Azure takes a while for each change, and the lab does not: a nominal time passes on its clock. The
app is asked after each change; it was away for the time of the next one if it did not answer.
"""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final

import requests

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.web.app_service import AppService

_SECONDS: Final[dict[str, float]] = {
    "azure-native:dbforpostgresql:Server": 420,
    "azure-native:network:PrivateEndpoint": 60,
    "azure-native:operationalinsights:Workspace": 30,
    "azure-native:redisenterprise:Database": 120,
    "azure-native:redisenterprise:RedisEnterprise": 600,
    "azure-native:web:AppServicePlan": 15,
    "azure-native:web:WebApp": 30,
    "command:local:Command": 120,
}
"""Rough times of changes, in seconds, as people report them: Azure promises none."""
_OTHERS: Final = 5.0
_TIMEOUT_S: Final = 10.0


class Downtime:
    """Listens to one Azure from its making on; `turn` is held by whoever drives the clock."""

    def __init__(self, azure: Azure, turn: AbstractContextManager[object]) -> None:
        self._azure = azure
        self._turn = turn
        self._is_away = False
        self._has_been = False
        self.seconds = 0.0
        azure.resources.listeners.append(self._heard)

    def begin(self) -> None:
        """A new step: an app that answered before is missed from now on."""
        self.seconds = 0.0
        self._is_away = False
        self._has_been = _answers(self._azure)

    def _heard(self, resource: Resource, _verb: str) -> None:
        if resource.token.startswith("random:"):
            return
        took = _SECONDS.get(resource.token, _OTHERS)
        with self._turn:
            if self._is_away:
                self.seconds += took
            self._azure.clock.run_until(self._azure.clock.now + timedelta(seconds=took))
            self._is_away = self._has_been and not _answers(self._azure)


def _answers(azure: Azure) -> bool:
    """Whether the app itself answers: App Service's welcome page does, with 200."""
    hosted = azure.service(AppService).sites if azure.run_apps else []
    return any(told_version(each.url) for each in hosted)


def told_version(url: str) -> str:
    """The version that an app tells of itself; '' for any other page."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{url}/health", timeout=_TIMEOUT_S, allow_redirects=False)
            told = answer.json() if answer.status_code == requests.codes.ok else {}
    except (requests.RequestException, ValueError):
        return ""
    return str(told.get("version") or "") if isinstance(told, dict) else ""
