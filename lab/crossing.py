"""When an attack crossed its threshold, and how soon after that an alert was possible at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lab.azure.log_tables import LogTables
from lab.azure.monitor.alert import Alert
from lab.azure.monitor.alert_rule import AlertRuleError, evaluate


def crossing(alert: Alert, tables: LogTables, moments: Sequence[datetime]) -> datetime | None:
    """The first of the attack's `moments` at which the rule, had every row been there at once,
    would have been violated for the alert's dimension values; None when it was at none of them.
    """
    earliest = alert.fired_at - alert.rule.lookback
    candidates = [moment for moment in moments if earliest < moment <= alert.fired_at]
    low, high = 0, len(candidates)
    # Inside one look-back the evidence only grows, so the first violated moment can be bisected.
    while low < high:
        middle = (low + high) // 2
        if _violated(alert, tables, candidates[middle]):
            high = middle
        else:
            low = middle + 1
    return candidates[low] if low < len(candidates) else None


def least_seconds(alert: Alert, crossed: datetime, ingestion_delay: timedelta) -> float:
    """Ingestion delay, then the wait for the rule's next evaluation: no alert can be sooner."""
    spare = alert.fired_at - (crossed + ingestion_delay)
    first_tick = alert.fired_at - (spare // alert.rule.frequency) * alert.rule.frequency
    return (first_tick - crossed).total_seconds()


def _violated(alert: Alert, tables: LogTables, moment: datetime) -> bool:
    try:
        series = evaluate(alert.rule, tables, moment, seen_at=alert.fired_at)
    except AlertRuleError:
        return False
    return any(each.violated and each.dimensions == dict(alert.dimensions) for each in series)
