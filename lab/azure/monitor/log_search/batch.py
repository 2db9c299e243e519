"""Evaluations of one rule: those whose rows are all there are made in one statement."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from lab.azure.monitor.log_search.alert_rule import (
    AlertRule,
    AlertRuleError,
    Series,
    evaluate,
    evaluate_all,
)
from lab.logs.log_tables import LogTables

MAX_TICKS: Final = 60
MAX_ROWS: Final = 300_000
"""Rows times ticks of one statement: as many as memory holds with ease."""


class Foresight:
    """Knows the series of the ticks to come, as far as no row can arrive any more.

    Each tick's result is what `evaluate` returns at that tick; a row that comes after all makes
    it forget.
    """

    def __init__(self, rule: AlertRule, tables: LogTables) -> None:
        self._rule = rule
        self._tables = tables
        self._found: dict[datetime, list[Series]] = {}
        self._size = 0
        self._together = True

    def series(self, now: datetime, known_until: datetime) -> list[Series]:
        """The series at `now`; ticks up to `known_until` may be evaluated with it."""
        size = self._tables.size(self._rule.query)
        if size != self._size:
            self._found.clear()
            self._size = size
        if now not in self._found:
            self._found = self._evaluated(list(self._ticks(now, known_until)))
        return self._found.pop(now)

    def _evaluated(self, ticks: list[datetime]) -> dict[datetime, list[Series]]:
        if self._together and len(ticks) > 1:
            try:
                together = evaluate_all(self._rule, self._tables, ticks)
                return dict(zip(ticks, together, strict=True))
            except AlertRuleError:
                # Perhaps at one tick only: each has to tell for itself.
                self._together = False
        return {ticks[0]: evaluate(self._rule, self._tables, ticks[0])}

    def _ticks(self, now: datetime, known_until: datetime) -> Iterator[datetime]:
        most = max(1, min(MAX_TICKS, MAX_ROWS // max(self._size, 1)))
        span = max(known_until - now, now - now)
        count = span // self._rule.frequency + 1
        return (now + number * self._rule.frequency for number in islice(range(count), most))
