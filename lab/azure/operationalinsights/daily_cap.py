"""The daily cap of a workspace: once it is reached, billed rows are lost until the reset hour.

After Microsoft's page "Set daily cap on Log Analytics workspace". The reset hour is the
workspace's own and cannot be chosen. That a raised cap lets rows in again at once is UNCONFIRMED;
Azure also lets some more in than the cap says, the lab does not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.operationalinsights.billed_size import FREE_TABLES, GB, billed_bytes

OPERATIONS: Final = "_LogOperation"
REACHED: Final = {
    "Category": "Ingestion",
    "Operation": "Data collection stopped",
    "Level": "Warning",
    "Detail": "Data collection stopped due to daily limit of free data reached."
    " Ingestion status = OverQuota",
}
"""Operation and Detail as in rows of real workspaces."""


@dataclass
class _Day:
    """What has come in since the last reset."""

    ends: datetime
    used: float = 0.0
    is_over: bool = False


class DailyCaps:
    """The caps of all workspaces of an Azure."""

    def __init__(self, azure: Subscription) -> None:
        self._azure = azure
        self._days: dict[str, _Day] = {}
        self.lost: Counter[str] = Counter()
        """Rows by table that came when a cap was reached."""

    def admitted(
        self, workspace_id: str, table: str, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """The rows that come in now; the first that does not makes the workspace say so."""
        workspace = self._azure.resources.find(workspace_id)
        cap = cap_bytes(workspace)
        if workspace is None or cap is None or table in FREE_TABLES:
            return rows
        day = self._day(workspace)
        for number, row in enumerate(rows):
            size = billed_bytes(table, row)
            if day.used + size > cap:
                self._stop(workspace_id, day)
                self.lost[table] += len(rows) - number
                return rows[:number]
            day.used += size
            day.is_over = False  # the cap was raised
        return rows

    def fill(self, workspace_id: str) -> None:
        """As if others, who log to the same workspace, had used up what is left of the day."""
        workspace = self._azure.resources.find(workspace_id)
        cap = cap_bytes(workspace)
        if workspace is not None and cap is not None:
            day = self._day(workspace)
            day.used = max(day.used, cap)
            self._stop(workspace_id, day)

    def reset(self, workspace_id: str) -> None:
        """The reset hour has come: a new day, with nothing used."""
        self._days.pop(workspace_id.lower(), None)

    def _day(self, workspace: Resource) -> _Day:
        key, now = workspace.id.lower(), self._azure.clock.now
        day = self._days.get(key)
        if day is None or now >= day.ends:
            hour = int(self._azure.resources.digest(workspace.id)[:4], 16) % 24
            ends = now.replace(hour=hour, minute=0, second=0, microsecond=0)
            day = self._days[key] = _Day(ends if ends > now else ends + timedelta(days=1))
        return day

    def _stop(self, workspace_id: str, day: _Day) -> None:
        if day.is_over:
            return
        day.is_over = True
        now = self._azure.clock.now
        row = {**REACHED, "TimeGenerated": now, "_ResourceId": workspace_id.lower()}
        tables = self._azure.log_tables(workspace_id)
        tables.write(OPERATIONS, [row], now + self._azure.ingestion_delay)


def cap_bytes(workspace: Resource | None) -> float | None:
    """Bytes a day that a workspace takes; None without a cap (-1), or without a workspace."""
    capping = workspace.inputs.get("workspaceCapping") if workspace is not None else None
    gigabytes = (capping or {}).get("dailyQuotaGb")
    return float(gigabytes) * GB if gigabytes is not None and gigabytes > 0 else None
