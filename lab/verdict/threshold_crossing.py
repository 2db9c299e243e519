"""When an attack crossed its threshold, and how soon after that an alert was possible at all."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRuleError, Series, evaluate_all
from lab.clock import rfc3339
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

PROBES: Final = 8
"""Moments asked about at once: a statement for many costs little more than one for one."""


def crossings(alerts: Sequence[tuple[Alert, datetime]], tables: LogTables) -> list[datetime | None]:
    """The crossing of each alert from its moment on, in their order.

    The alerts of a rule are searched for together, so that they share its statements.
    """
    by_rule: defaultdict[str, list[_Search]] = defaultdict(list)
    searches = [_Search(alert, since) for alert, since in alerts]
    for search in searches:
        by_rule[search.alert.rule.id].append(search)
    for own in by_rule.values():
        try:
            _search_together(own, tables)
        except (AlertRuleError, KustoError):
            continue  # its query cannot be run: none of them has a crossing
    return [search.found for search in searches]


def crossing(alert: Alert, tables: LogTables, since: datetime) -> datetime | None:
    """The first row from `since` on that made the rule violated for the alert's dimension values,
    had every row been there at once; None when none did.
    """
    return crossings([(alert, since)], tables)[0]


def least_seconds(alert: Alert, crossed: datetime, ingestion_delay: timedelta) -> float:
    """Ingestion delay, then the wait for the rule's next evaluation: no alert can be sooner."""
    spare = alert.fired_at - (crossed + ingestion_delay)
    first_tick = alert.fired_at - (spare // alert.rule.frequency) * alert.rule.frequency
    return (first_tick - crossed).total_seconds()


class _Search:
    """Bisects the moments of the rows that one alert was made from."""

    def __init__(self, alert: Alert, since: datetime) -> None:
        self.alert = alert
        self.found: datetime | None = None
        self.probes: Sequence[datetime] = ()
        """The moments to be asked about next; none: the search is over."""
        self._since = since
        self._moments: list[datetime] = []
        self._low = self._high = 0

    def begin(self, tables: LogTables) -> None:
        self._moments = _moments(self.alert, tables, self._since)
        self._high = len(self._moments) - 1
        self.probes = self._moments[-1:]

    def hear(self, violations: Sequence[bool]) -> None:
        """Whether the rule was violated at each of the probes."""
        numbers = [self._moments.index(probe) for probe in self.probes]
        violated = [number for number, each in zip(numbers, violations, strict=True) if each]
        self.probes = ()
        if not violated and numbers[-1] == len(self._moments) - 1:
            return
        # Not violated below `low`, violated at `high`: between them lies a row that made it so.
        self._high = violated[0] if violated else self._high
        self._low = max((each + 1 for each in numbers if each < self._high), default=self._low)
        if self._low >= self._high:
            self.found = self._moments[self._high]
        else:
            step = max((self._high - self._low) // PROBES, 1)
            self.probes = self._moments[self._low : self._high : step]


def _search_together(searches: Sequence[_Search], tables: LogTables) -> None:
    for search in searches:
        search.begin(tables)
    while open_ones := [search for search in searches if search.probes]:
        wanted = [(each, search.alert.fired_at) for search in open_ones for each in search.probes]
        asked = list(dict.fromkeys(wanted))
        moments, seen_at = [now for now, _ in asked], [seen for _, seen in asked]
        found = evaluate_all(searches[0].alert.rule, tables, moments, seen_at=seen_at)
        answers = dict(zip(asked, found, strict=True))
        for search in open_ones:
            alert = search.alert
            search.hear([_names(alert, answers[each, alert.fired_at]) for each in search.probes])


def _names(alert: Alert, series: Sequence[Series]) -> bool:
    wanted = dict(alert.dimensions)
    return any(each.violated and each.dimensions == wanted for each in series)


def _moments(alert: Alert, tables: LogTables, since: datetime) -> list[datetime]:
    """When the rows were logged that the alert was made from, in order, each moment once."""
    after = max(since - timedelta(microseconds=1), alert.fired_at - alert.rule.lookback)
    found: set[str] = set()
    for table in tables.tables_in(alert.rule.query):
        kql = f"{table} | distinct TimeGenerated"
        rows = tables.query(kql, alert.fired_at, after, alert.fired_at).rows
        found |= {row["TimeGenerated"] for row in rows}
    return sorted(rfc3339.parse(text) for text in found)
