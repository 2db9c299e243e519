"""Recorded rows against many values of one rule: what each would have caught, and at what price.

The rule is replayed as `lab replay` does it, once for each threshold and window. What it measures
does not depend on the threshold, so a window is measured once and judged many times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from components.content.detection import Detection, override
from components.limits.alert_rule import duration
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule, Series, evaluate_all, violates
from lab.logs.log_lines import Refused
from lab.logs.log_tables import LogTables
from lab.tuning import replay as replaying
from lab.tuning.attacks import KnownAttack


@dataclass(frozen=True)
class Trial:
    """What one threshold and one window come to on the rows."""

    threshold: float
    window: str
    alerts: int
    alerts_a_day: float
    caught: int
    """Of the known attacks; 0 without any."""
    false_alarms: int
    """Alerts that no known attack explains; 0 without any attacks."""
    missed: tuple[str, ...]
    """Labels of the attacks that raised no alert."""
    first_alert_s: float | None
    """Median seconds from the beginning of a caught attack to its first alert."""


@dataclass(frozen=True)
class Backtest:
    """Every trial, in order of window and threshold, and the rows that they rest on."""

    detection: Detection
    trials: tuple[Trial, ...]
    attacks: int | None
    """Known attacks within the rows; None without labels."""
    rows: int
    refused: Refused
    started: datetime | None
    ended: datetime | None

    @property
    def days(self) -> float:
        """How long the rows last."""
        if self.started is None or self.ended is None:
            return 0.0
        return (self.ended - self.started) / timedelta(days=1)


class _Measured:
    """Measures each window once; every threshold judges the same series."""

    def __init__(self) -> None:
        self._known: dict[tuple[timedelta, tuple[datetime, ...]], list[list[Series]]] = {}

    def __call__(
        self, rule: AlertRule, tables: LogTables, moments: Sequence[datetime]
    ) -> list[list[Series]]:
        if rule.periods > 1:  # which of the periods speaks depends on the threshold
            return evaluate_all(rule, tables, moments)
        key = (rule.window, tuple(moments))
        if key not in self._known:
            self._known[key] = evaluate_all(rule, tables, moments)
        return [[_judged(each, rule) for each in found] for found in self._known[key]]


def run(
    lines: Iterable[str | bytes],
    detection: Detection,
    thresholds: Sequence[float],
    windows: Sequence[str],
    attacks: Sequence[KnownAttack] | None = None,
    ingestion_delay: timedelta = replaying.INGESTION_DELAY,
    progress: replaying.Progress = lambda share: None,
) -> Backtest:
    """Every threshold with every window; RefusedError when Azure would not accept a window."""
    rules = [
        (window, threshold, _rule(detection, window, threshold))
        for window in windows
        for threshold in thresholds
    ]
    tables = LogTables()
    try:
        found = replaying.replay(
            lines,
            [rule for _, _, rule in rules],
            ingestion_delay,
            tables=tables,
            progress=progress,
            measure=_Measured(),
        )
    finally:
        tables.close()
    by_rule: dict[str, list[Alert]] = {rule.id: [] for _, _, rule in rules}
    for alert in found.alerts:
        by_rule[alert.rule.id].append(alert)
    known = _within(attacks, found.started, found.ended)
    base = Backtest(
        detection, (), None if known is None else len(known), found.rows, found.refused,
        found.started, found.ended,
    )  # fmt: skip
    trials = [
        _trial(threshold, window, by_rule[rule.id], known, base.days)
        for window, threshold, rule in rules
    ]
    return replace(base, trials=tuple(trials))


def _rule(detection: Detection, window: str, threshold: float) -> AlertRule:
    changed = override(detection, {"window": window, "threshold": threshold})
    rule = AlertRule.from_detection(changed)
    return replace(rule, id=f"{rule.id}/{window}/{threshold:g}")


def _judged(series: Series, rule: AlertRule) -> Series:
    violated = violates(rule.operator, series.value, rule.threshold)
    return replace(series, violated=violated)


def _within(
    attacks: Sequence[KnownAttack] | None, started: datetime | None, ended: datetime | None
) -> list[KnownAttack] | None:
    """An attack of another day can be neither caught nor missed here."""
    if attacks is None:
        return None
    if started is None or ended is None:
        return []
    return [each for each in attacks if each.begin <= ended and started <= each.end]


def _trial(
    threshold: float,
    window: str,
    alerts: Sequence[Alert],
    attacks: Sequence[KnownAttack] | None,
    days: float,
) -> Trial:
    first: dict[KnownAttack, float] = {}
    false_alarms = 0
    for alert in alerts:
        explaining = [each for each in attacks or () if each.explains(alert)]
        false_alarms += attacks is not None and not explaining
        for each in explaining:
            first.setdefault(each, (alert.fired_at - each.begin).total_seconds())
    waits = sorted(first.values())
    return Trial(
        threshold=threshold,
        window=window,
        alerts=len(alerts),
        alerts_a_day=round(len(alerts) / days, 2) if days else 0.0,
        caught=len(first),
        false_alarms=false_alarms,
        missed=tuple(each.label for each in attacks or () if each not in first),
        first_alert_s=waits[len(waits) // 2] if waits else None,
    )


def shortest_first(windows: Iterable[str]) -> list[str]:
    """Durations in order of their length, each once."""
    return sorted(dict.fromkeys(windows), key=duration)
