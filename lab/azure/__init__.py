"""A stand-in for Azure in one process: nothing is global, each instance is its own subscription."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final, Self

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
    web,
)
from lab.azure.applicationinsights import workbook
from lab.azure.core.arm import ResourceManager
from lab.azure.core.diagnostic_setting import workspaces_for
from lab.azure.identity import authorization, keyvault, managedidentity
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.metric.metrics import SiteMetrics
from lab.azure.monitor.notify import alertsmanagement
from lab.azure.monitor.notify.fired_alert import FiredAlert
from lab.azure.monitor.notify.inbox import Inbox
from lab.azure.network import privatedns
from lab.azure.operationalinsights.daily_cap import DailyCaps
from lab.azure.pulumi import command, random
from lab.clock.clock import Clock
from lab.host.loopback import Loopback
from lab.logs.log_tables import LogTables

DEFAULT_INGESTION_DELAY: Final = timedelta(minutes=3)
"""Azure's resource logs take 3 to 10 minutes ("Log data ingestion time in Azure Monitor")."""

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
    web,
    workbook,
)
"""Each holds resource types (`TYPES`), provider functions (`INVOKES`), or both."""


class Azure:
    """Resources, log tables, alerts and servers of one run; ends with `stop` or `with`.

    `seed` decides every generated name, id and password. The inbox stays its owner's to close.
    """

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
        self.clock = clock
        self.alerting = alerting or clock
        """For evaluations and messages; may run behind `clock`, by which rows come."""
        self.state_dir = state_dir
        self.seed = seed
        self.run_apps = run_apps
        self.ingestion_delay = ingestion_delay
        self.inbox = inbox
        self.default_location: str | None = None
        """The provider's setting `azure-native:location`; it wins over the group's location."""
        self.alerts: list[Alert] = []
        """Of log search rules."""
        self.platform_alerts: list[FiredAlert] = []
        """Of metric alert rules, availability tests and activity-log rules."""
        self.workspaces: dict[str, LogTables] = {}
        """By the workspace's id in lower case."""
        self.notices: list[str] = []
        """What is not as it would be in Azure, for the report."""
        self.dropped: Counter[str] = Counter()
        """Rows by category that no diagnostic setting asked for."""
        self.closing = ExitStack()
        """What has to end with this Azure; the last one pushed ends first."""
        self.resources = ResourceManager(
            self,
            [kind for module in NAMESPACES for kind in getattr(module, "TYPES", ())],
            {
                token: answer
                for module in NAMESPACES
                for token, answer in getattr(module, "INVOKES", {}).items()
            },
        )
        self._loopback: Loopback | None = None
        self.closing.callback(self._close_servers)
        self.closing.callback(self._close_tables)

    @property
    def loopback(self) -> Loopback:
        """The servers of this run; made when first needed."""
        if self._loopback is None:
            self._loopback = Loopback()
        return self._loopback

    def log_tables(self, workspace_id: str) -> LogTables:
        """The tables of a workspace; KeyError when it does not exist."""
        return self.workspaces[workspace_id.lower()]

    def emit(self, resource_id: str, category: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows that a resource logs now; they are seen after the ingestion delay.

        A category's rows go to the table of its name, in every workspace that a diagnostic setting
        names, and are dropped, and counted, where there is none.
        """
        batch = list(rows)
        SiteMetrics.of(self).take(resource_id, category, batch)
        sinks = self._sinks(resource_id, category)
        if not sinks:
            self.dropped[category] += len(batch)
        for workspace in sinks:
            self.ingest(workspace, category, batch)

    def ingest(self, workspace_id: str, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that come to a workspace now, unless its daily cap is reached."""
        taken = DailyCaps.of(self).admitted(workspace_id, table, rows)
        seen_at = self.clock.now + self.ingestion_delay
        self.log_tables(workspace_id).write(table, taken, seen_at)

    def backfill(self, resource_id: str, category: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Rows of the past, seen from their own time on; how many were kept.

        They are in the log only: no metric counts them, and none is missed that nobody asks for.
        """
        batch = list(rows)
        seen = [row["TimeGenerated"] + self.ingestion_delay for row in batch]
        return sum(
            self.workspaces[workspace].write(category, batch, seen)
            for workspace in self._sinks(resource_id, category)
        )

    def _sinks(self, resource_id: str, category: str) -> list[str]:
        """Ids of the workspaces, in lower case."""
        return [
            workspace.lower()
            for workspace in workspaces_for(self, resource_id, category)
            if workspace.lower() in self.workspaces
        ]

    def start(self) -> Self:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        return self

    def stop(self) -> None:
        """Ends processes, tables and servers, all of them even if one fails; twice is fine.

        Nothing is deleted: this is the machine being switched off, not a `pulumi destroy`.
        """
        self.closing.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _close_tables(self) -> None:
        with ExitStack() as each:
            for tables in self.workspaces.values():
                each.callback(tables.close)

    def _close_servers(self) -> None:
        if self._loopback is not None:
            self._loopback.close()
