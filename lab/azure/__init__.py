"""A stand-in for Azure in one process; this is the one list of its namespaces."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Final

from lab.azure import (
    applicationinsights,
    dbforpostgresql,
    logic,
    monitor,
    network,
    operationalinsights,
    redisenterprise,
    resources,
    securityinsights,
    storage,
    web,
)
from lab.azure.applicationinsights import workbook
from lab.azure.core.provider_function import ProviderFunction
from lab.azure.core.resource import ResourceType
from lab.azure.core.resource_manager import ResourceManager
from lab.azure.core.subscription import DEFAULT_INGESTION_DELAY, Subscription
from lab.azure.identity import authorization, keyvault, managedidentity
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.azure.monitor.metric.metrics import SiteMetrics
from lab.azure.monitor.notify import alertsmanagement
from lab.azure.monitor.notify.alerting import Alerting
from lab.azure.monitor.notify.fired_alert import FiredAlert
from lab.azure.monitor.notify.inbox import Inbox
from lab.azure.network import privatedns
from lab.azure.operationalinsights.ingestion import Ingestion
from lab.azure.pulumi import command, random
from lab.clock.clock import Clock

__all__ = ["DEFAULT_INGESTION_DELAY", "FUNCTIONS", "NAMESPACES", "TYPES", "Azure"]

NAMESPACES: Final[tuple[ModuleType, ...]] = (
    alertsmanagement,
    applicationinsights,
    authorization,
    command,
    dbforpostgresql,
    keyvault,
    logic,
    managedidentity,
    monitor,
    network,
    operationalinsights,
    privatedns,
    random,
    redisenterprise,
    resources,
    securityinsights,
    storage,
    web,
    workbook,
)
"""Each holds resource types (`TYPES`), provider functions (`FUNCTIONS`), or both."""

TYPES: Final[Mapping[str, type[ResourceType]]] = {
    kind.pulumi_type: kind for module in NAMESPACES for kind in getattr(module, "TYPES", ())
}
"""By Pulumi's token."""

FUNCTIONS: Final[Mapping[str, ProviderFunction]] = {
    token: answer
    for module in NAMESPACES
    for token, answer in getattr(module, "FUNCTIONS", {}).items()
}
"""By Pulumi's token."""


class Azure(Subscription):
    """A subscription with every namespace; the inbox stays its owner's to close."""

    def __init__(
        self,
        clock: Clock,
        *,
        state_dir: Path,
        seed: int = 0,
        run_apps: bool = True,
        ingestion_delay: timedelta = DEFAULT_INGESTION_DELAY,
        inbox: Inbox | None = None,
        alerting: Clock | None = None,
    ) -> None:
        super().__init__(
            clock,
            partial(ResourceManager, types=TYPES.values(), functions=FUNCTIONS),
            state_dir=state_dir,
            seed=seed,
            run_apps=run_apps,
            ingestion_delay=ingestion_delay,
            alerting=alerting,
        )
        self.ingestion.listeners.append(self.service(SiteMetrics).take)
        self.service(Alerting).notifications.inbox = inbox

    @property
    def ingestion(self) -> Ingestion:
        return self.service(Ingestion)

    @property
    def alerts(self) -> list[Alert]:
        """Of log search rules."""
        return self.service(Evaluator).alerts

    @property
    def platform_alerts(self) -> list[FiredAlert]:
        """Of metric alert rules, availability tests and activity-log rules."""
        return self.service(Alerting).platform_alerts
