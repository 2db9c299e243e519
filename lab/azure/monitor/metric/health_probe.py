"""The metric HealthCheckStatus: what App Service's health check found, averaged."""

from datetime import datetime
from typing import Final

from lab.azure.core.subscription import Subscription
from lab.azure.web.app_service import AppService

METRIC: Final = "HealthCheckStatus"


class HealthProbe:
    """Of one site."""

    def __init__(self, azure: Subscription, site_id: str) -> None:
        self._azure = azure
        self._site_id = site_id

    def value(self, start: datetime, end: datetime) -> float | None:
        """The average over (start, end]; None for a site without health check, or without code."""
        resource = self._azure.resources.find(self._site_id)
        if resource is None or not self._azure.run_apps:
            return None
        hosted = self._azure.service(AppService).site(resource.name)
        if hosted is None:
            return None
        hosted.health.value(end)
        found = [value for at, value in hosted.health.values.items() if start < at <= end]
        return sum(found) / len(found) if found else None
