"""The state of a log search alert rule from one evaluation to the next.

Microsoft, "Alerts overview" (stateful and stateless alerts) and "Service limits".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from components.limits.alert_rule import ACTIVE_CAP, STATEFUL_CAP, STATELESS_CAP
from lab.azure.monitor.log_search.alert import Alert, Condition
from lab.azure.monitor.log_search.alert_rule import AlertRule, AlertRuleError, Series
from lab.azure.monitor.log_search.batch import Foresight
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

Key = tuple[tuple[str, str], ...]
Emit = Callable[[Alert, Condition], object]


@dataclass
class _Active:
    alert: Alert
    last_violated: datetime


class AlertRuleRunner:
    """Evaluates one rule at its ticks; `emit` gets each alert when it fires and resolves."""

    def __init__(self, rule: AlertRule, tables: LogTables, emit: Emit) -> None:
        self.rule = rule
        self.evaluations = 0
        self.dropped = 0
        """Violated series beyond Azure's caps."""
        self.failures: list[tuple[datetime, str]] = []
        """Evaluations that ended in an error: Azure tries again at the next tick."""
        self.closest: Series | None = None
        """Of all series so far, the one nearest to the threshold or furthest beyond it."""
        self._tables = tables
        self._foresight = Foresight(rule, tables)
        self._emit = emit
        self._active: dict[Key, _Active] = {}
        self._silent_when_quiet = False
        self._muted_until: dict[Key, datetime] = {}

    @property
    def active(self) -> list[Alert]:
        """Stateful alerts that are fired now."""
        return [active.alert for active in self._active.values()]

    def tick(self, now: datetime, known_until: datetime | None = None) -> None:
        """One evaluation; a query that cannot be run changes no alert.

        No row that arrives from now on is seen at or before `known_until`.
        """
        if not self.rule.enabled:
            return
        try:
            series = self._series(now, known_until or now)
        except (AlertRuleError, KustoError) as error:
            self.failures.append((now, str(error)))
            return
        self.advance(now, series)

    def _series(self, now: datetime, known_until: datetime) -> list[Series]:
        """A rule that once had no series over no rows is not asked again while there are none."""
        quiet = self._tables.is_quiet(self.rule.query, now - self.rule.lookback)
        if quiet and self._silent_when_quiet:
            return []
        series = self._foresight.series(now, known_until)
        if quiet:
            self._silent_when_quiet = not series
        return series

    def advance(self, now: datetime, series: Sequence[Series]) -> None:
        """Take the series of one evaluation: fire, keep, resolve."""
        self.evaluations += 1
        for each in series:
            if self.closest is None or self._nearer(each, self.closest):
                self.closest = each
        violated = [each for each in series if each.violated]
        if self.rule.auto_mitigate:
            self._resolve(now, violated)
            self._fire_stateful(now, violated)
        else:
            self._fire_stateless(now, violated)

    def _nearer(self, one: Series, other: Series) -> bool:
        if self.rule.operator.startswith("Less"):
            return one.value < other.value
        if self.rule.operator == "Equal":
            return abs(one.value - self.rule.threshold) < abs(other.value - self.rule.threshold)
        return one.value > other.value

    def _fire_stateful(self, now: datetime, violated: Sequence[Series]) -> None:
        fired = 0
        for each in violated:
            active = self._active.get(_key(each))
            if active is not None:
                active.last_violated = now
            elif fired < STATEFUL_CAP and len(self._active) < ACTIVE_CAP:
                fired += 1
                alert = Alert.of(self.rule, each, now)
                self._active[_key(each)] = _Active(alert, now)
                self._emit(alert, "Fired")
            else:
                self.dropped += 1

    def _resolve(self, now: datetime, violated: Sequence[Series]) -> None:
        still = {_key(each) for each in violated}
        for key, active in list(self._active.items()):
            # Healthy since the last violated evaluation: three periods are three healthy ones.
            if key not in still and now - active.last_violated >= self.rule.healthy_time:
                del self._active[key]
                active.alert.resolved_at = now
                self._emit(active.alert, "Resolved")

    def _fire_stateless(self, now: datetime, violated: Sequence[Series]) -> None:
        for each in violated[:STATELESS_CAP]:
            key = _key(each)
            muted = key in self._muted_until and now < self._muted_until[key]
            if self.rule.mute is not None and not muted:
                self._muted_until[key] = now + self.rule.mute
            self._emit(Alert.of(self.rule, each, now, muted=muted), "Fired")
        self.dropped += len(violated[STATELESS_CAP:])


def _key(series: Series) -> Key:
    return tuple(sorted(series.dimensions.items()))
