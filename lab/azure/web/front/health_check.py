"""App Service's health check: the app itself is asked, past the front end, so nothing is logged."""

from datetime import datetime, timedelta
from typing import Final

import requests

from lab.azure.core.subscription import Subscription
from lab.azure.web.site.site import Site, State
from lab.clock.clock import Appointment
from lab.clock.ticks import EPOCH
from lab.host.loopback import HOST

GRAIN: Final = timedelta(minutes=5)
"""Azure asks each minute and keeps a value every five (the metric's grain); here one question makes
that value."""

TIMEOUT_S: Final = 10.0
HEALTHY: Final = 100.0


class HealthCheck:
    """Of one site; one instance: 100 or 0. A moment's value stays what it was."""

    def __init__(self, azure: Subscription, site: Site) -> None:
        self.values: dict[datetime, float] = {}
        self._azure = azure
        self._site = site
        self._rounds: Appointment = azure.clock.every(
            slot(azure.clock.now) + GRAIN, GRAIN, lambda: self.value(azure.clock.now)
        )

    def value(self, now: datetime) -> float | None:
        """At the last whole grain; None for a site without health check, or without code."""
        at = slot(now)
        if at not in self.values:
            asked = self._ask()
            if asked is None:
                return None
            self.values[at] = asked
        return self.values[at]

    def stop(self) -> None:
        self._rounds.cancel()

    def _ask(self) -> float | None:
        resource = self._azure.resources.find(self._site.settings.resource_id)
        if resource is None or self._site.state is State.EMPTY:
            return None
        path = (resource.inputs.get("siteConfig") or {}).get("healthCheckPath")
        if not path:
            return None
        port = self._site.port
        if port is None:
            return 0.0
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(
                    f"http://{HOST}:{port}{path}",
                    headers={"User-Agent": "HealthCheck/1.0", "X-Forwarded-Proto": "https"},
                    timeout=TIMEOUT_S,
                    allow_redirects=False,  # App Service follows none either
                )
        except requests.RequestException:
            return 0.0
        return HEALTHY if 200 <= answer.status_code < 300 else 0.0


def slot(now: datetime) -> datetime:
    """The last whole multiple of the grain."""
    return now - (now - EPOCH) % GRAIN
