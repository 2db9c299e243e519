"""Alert rules and rows with sound defaults: a test shows only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.logs.log_tables import LogTables

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
TABLE = "AppServiceHTTPLogs"
WORKSPACE = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-demo"
    "/providers/Microsoft.OperationalInsights/workspaces/Law-Demo"
)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def a_rule(**changes: Any) -> AlertRule:
    """More than two rows in five minutes, looked at every five minutes."""
    sound = AlertRule(
        name="many-requests",
        id="/subscriptions/0/rules/many-requests",
        query=TABLE,
        frequency=timedelta(minutes=5),
        window=timedelta(minutes=5),
        window_size="PT5M",
        operator="GreaterThan",
        threshold=2,
        severity=2,
        description="Many requests from one address",
        scopes=(WORKSPACE,),
    )
    return replace(sound, **changes)


def log(tables: LogTables, *minutes: float, seen: float | None = None, **columns: Any) -> None:
    """A request at each of the minutes; seen at once unless said otherwise."""
    for minute in minutes:
        row = {"TimeGenerated": at(minute), **columns}
        tables.write(TABLE, [row], at(minute if seen is None else seen))
