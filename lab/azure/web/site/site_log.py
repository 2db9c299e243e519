"""The log rows of one site, kept until the thread that drives the clock hands them to Azure."""

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from lab.azure.core.subscription import Subscription
from lab.azure.operationalinsights.ingestion import Ingestion
from lab.azure.web.site.console import Line
from lab.logs.app_service_row import INSTANCE, row

CONSOLE: Final = "AppServiceConsoleLogs"


class SiteLog:
    """Takes rows from any thread; `drain` belongs to the driving one."""

    def __init__(self, azure: Subscription, resource_id: str) -> None:
        self._azure = azure
        self._resource_id = resource_id
        self._lock = threading.Lock()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._lines: list[tuple[str, Line]] = []

    def add(self, table: str, **columns: Any) -> None:
        """A row of this moment of the lab's time."""
        new = row(table, self._resource_id, self._azure.clock.now, **columns)
        with self._lock:
            self._rows.setdefault(table, []).append(new)

    def platform(self, level: str, message: str, container_id: str = "") -> None:
        """Messages and levels as in rows that Azure wrote for Python apps in 2026."""
        self.add(
            "AppServicePlatformLogs",
            Host=INSTANCE,
            ContainerId=container_id,
            Level=level,
            Message=message,
            OperationName="ContainerLogs",
        )

    def say(self, container_id: str, lines: Iterable[Line]) -> None:
        """Console lines; they get their time when they are drained."""
        with self._lock:
            self._lines += [(container_id, line) for line in lines]

    def drain(self, at: datetime) -> None:
        """Hands on everything since the last call; console lines get the time `at`."""
        with self._lock:
            tables, self._rows = self._rows, {}
            lines, self._lines = self._lines, []
        if lines:
            tables[CONSOLE] = [self._console_row(owner, line, at) for owner, line in lines]
        for table, rows in tables.items():
            self._azure.service(Ingestion).emit(self._resource_id, table, rows)

    def _console_row(self, container_id: str, line: Line, at: datetime) -> dict[str, Any]:
        return row(
            CONSOLE,
            self._resource_id,
            at,
            Category=CONSOLE,
            Host=INSTANCE,
            ContainerId=container_id,
            Level=line.level,
            OperationName="Microsoft.Web/sites/log",
            ResultDescription=line.text,
        )
