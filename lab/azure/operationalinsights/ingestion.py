"""Rows on their way into the log tables: who asked for them, how late, and how many."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lab.azure.core.diagnostic_setting import workspaces_for
from lab.azure.core.subscription import Subscription
from lab.azure.operationalinsights.daily_cap import DailyCaps

Rows = Sequence[Mapping[str, Any]]

Listener = Callable[[str, str, Rows], object]
"""Told the resource's id, the category and the rows."""


class Ingestion:
    """The one way of rows into the workspaces of a subscription."""

    def __init__(self, azure: Subscription) -> None:
        self.listeners: list[Listener] = []
        """Each is told of all that a resource logs, whether or not a setting asks for it."""
        self._azure = azure

    def emit(self, resource_id: str, category: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows that a resource logs now; they are seen after the ingestion delay.

        A category's rows go to the table of its name, in every workspace that a diagnostic setting
        names, and are dropped, and counted, where there is none.
        """
        batch = list(rows)
        for listener in self.listeners:
            listener(resource_id, category, batch)
        sinks = self._sinks(resource_id, category)
        if not sinks:
            self._azure.dropped[category] += len(batch)
        for workspace in sinks:
            self.ingest(workspace, category, batch)

    def ingest(self, workspace_id: str, table: str, rows: Rows) -> None:
        """Rows that come to a workspace now, unless its daily cap is reached."""
        taken = self._azure.service(DailyCaps).admitted(workspace_id, table, rows)
        seen_at = self._azure.clock.now + self._azure.ingestion_delay
        self._azure.log_tables(workspace_id).write(table, taken, seen_at)

    def backfill(self, resource_id: str, category: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Rows of the past, seen from their own time on; how many were kept.

        They are in the log only: no metric counts them, and none is missed that nobody asks for.
        """
        batch = list(rows)
        seen = [row["TimeGenerated"] + self._azure.ingestion_delay for row in batch]
        return sum(
            self._azure.workspaces[workspace].write(category, batch, seen)
            for workspace in self._sinks(resource_id, category)
        )

    def _sinks(self, resource_id: str, category: str) -> list[str]:
        """Ids of the workspaces, in lower case."""
        return [
            workspace.lower()
            for workspace in workspaces_for(self._azure, resource_id, category)
            if workspace.lower() in self._azure.workspaces
        ]
