"""When an attack crossed its threshold, and how soon after that an alert was possible at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from lab import moment
from lab.azure.log_tables import LogTables
from lab.azure.monitor.alert import Alert
from lab.azure.monitor.alert_rule import AlertRuleError, evaluate_all
from lab.kusto import KustoError

PROBES: Final = 12
"""Moments asked about at once: a statement for many costs little more than one for one."""


def crossing(alert: Alert, tables: LogTables, since: datetime) -> datetime | None:
    """The first row from `since` on that made the rule violated for the alert's dimension values,
    had every row been there at once; None when none did.
    """
    try:
        moments = _moments(alert, tables, since)
        if not moments or not _violations(alert, tables, moments[-1:])[0]:
            return None
        # Not violated below `low`, violated at `high`: between them lies a row that made it so.
        low, high = 0, len(moments) - 1
        while low < high:
            probes = range(low, high, max((high - low) // PROBES, 1))
            violations = _violations(alert, tables, [moments[probe] for probe in probes])
            below = [probe for probe, violated in zip(probes, violations, strict=True) if violated]
            high = below[0] if below else high
            low = max((probe + 1 for probe in probes if probe < high), default=high)
    except (AlertRuleError, KustoError):
        return None
    return moments[low]


def least_seconds(alert: Alert, crossed: datetime, ingestion_delay: timedelta) -> float:
    """Ingestion delay, then the wait for the rule's next evaluation: no alert can be sooner."""
    spare = alert.fired_at - (crossed + ingestion_delay)
    first_tick = alert.fired_at - (spare // alert.rule.frequency) * alert.rule.frequency
    return (first_tick - crossed).total_seconds()


def _moments(alert: Alert, tables: LogTables, since: datetime) -> list[datetime]:
    """When the rows were logged that the alert was made from, in order, each moment once."""
    after = max(since - timedelta(microseconds=1), alert.fired_at - alert.rule.lookback)
    found: set[str] = set()
    for table in tables.tables_in(alert.rule.query):
        kql = f"{table} | distinct TimeGenerated"
        rows = tables.query(kql, alert.fired_at, after, alert.fired_at).rows
        found |= {row["TimeGenerated"] for row in rows}
    return sorted(moment.parse(text) for text in found)


def _violations(alert: Alert, tables: LogTables, moments: Sequence[datetime]) -> list[bool]:
    wanted = dict(alert.dimensions)
    return [
        any(each.violated and each.dimensions == wanted for each in series)
        for series in evaluate_all(alert.rule, tables, moments, seen_at=alert.fired_at)
    ]
