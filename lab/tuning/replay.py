"""Recorded rows through alert rules on the logs' own clock, as Azure would have evaluated them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from typing import Final

from lab.azure.monitor.log_search.alert import Alert, Condition
from lab.azure.monitor.log_search.alert_rule import AlertRule, Series, evaluate, evaluate_all
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.clock.ticks import next_tick
from lab.kusto.kusto_error import KustoError
from lab.logs import log_lines
from lab.logs.log_lines import LogLine, Refused
from lab.logs.log_tables import LogTables

INGESTION_DELAY: Final = timedelta(minutes=3)
MAX_ROWS: Final = 200_000
MAX_TICKS: Final = 500
_INSTANT: Final = timedelta(microseconds=1)
_LONG_BEFORE: Final = timedelta(days=3)
"""More than any lookback: a rule evaluated then sees no row at all."""

Progress = Callable[[float], object]
Evaluate = Callable[[AlertRule, LogTables, Sequence[datetime]], list[list[Series]]]
"""What measures a rule at several moments."""


@dataclass(frozen=True)
class Replay:
    """What the rules made of the rows; times are None when there was no row."""

    alerts: list[Alert]
    rows: int
    refused: Refused
    started: datetime | None
    """TimeGenerated of the first row."""
    ended: datetime | None
    """TimeGenerated of the last row."""
    evaluations: int
    notes: list[str] = field(default_factory=list)
    """What is told once for the whole file."""
    not_judged: list[str] = field(default_factory=list)
    """Names of the rules that read only tables of which the file has no row."""


@dataclass(frozen=True)
class Recording:
    """Recorded rows that are in log tables, for rules to be run over them."""

    rows: Sequence[LogLine]
    """By the time at which they were written."""
    times: Mapping[str, Sequence[datetime]]
    """Each table's TimeGenerated, in order."""
    refused: Refused
    notes: Sequence[str]
    ingestion_delay: timedelta

    @property
    def seen(self) -> datetime | None:
        """When the last row can be read; None when there is none."""
        return max((row.seen for row in self.rows), default=None)


def read(
    lines: Iterable[str | bytes],
    tables: LogTables,
    ingestion_delay: timedelta = INGESTION_DELAY,
    table: str | None = None,
) -> Recording:
    """Rows into the tables; a bad line is refused, the rest is kept.

    A row arrives at its `_TimeReceived` where it has one, else `ingestion_delay` after its
    TimeGenerated.
    """
    rows, refused, notes = log_lines.read_export(lines, tables, ingestion_delay, table)
    return Recording(rows, _stored(rows, tables), refused, notes, ingestion_delay)


def run(
    recording: Recording,
    tables: LogTables,
    rules: Sequence[AlertRule],
    *,
    progress: Progress = lambda share: None,
    measure: Evaluate = evaluate_all,
) -> Replay:
    """What the rules make of a recording; AlertRuleError when one cannot be evaluated."""
    rows = recording.rows
    alerts: list[Alert] = []
    evaluations = 0
    not_judged = [rule for rule in rules if not _is_judged(rule, tables, recording.times)]
    judged = [rule for rule in rules if rule not in not_judged] if rows else []
    for number, rule in enumerate(judged, start=1):
        runner = _run(rule, tables, recording, alerts, measure)
        evaluations += runner.evaluations
        progress(number / len(judged))
    alerts.sort(key=lambda alert: (alert.fired_at, alert.rule.name, alert.key))
    started, ended = (rows[0].generated, rows[-1].generated) if rows else (None, None)
    return Replay(
        alerts,
        len(rows),
        recording.refused,
        started,
        ended,
        evaluations,
        list(recording.notes),
        [rule.name for rule in not_judged],
    )


def replay(
    lines: Iterable[str | bytes],
    rules: Sequence[AlertRule],
    ingestion_delay: timedelta = INGESTION_DELAY,
    *,
    tables: LogTables | None = None,
    progress: Progress = lambda share: None,
    measure: Evaluate = evaluate_all,
    table: str | None = None,
) -> Replay:
    """`read` and `run`; rows go into `tables`, by default into new ones in memory."""
    own = tables is None
    tables = tables or LogTables()
    try:
        recording = read(lines, tables, ingestion_delay, table)
        return run(recording, tables, rules, progress=progress, measure=measure)
    finally:
        if own:
            tables.close()


def _is_judged(rule: AlertRule, tables: LogTables, times: Mapping[str, Sequence[datetime]]) -> bool:
    """A recording of other tables says nothing of a rule, not even that nothing came."""
    try:
        named = tables.tables_in(rule.query)
    except KustoError:  # evaluating it will say so, with the rule's name
        return True
    return not named or any(table in times for table in named)


def _stored(rows: Sequence[LogLine], tables: LogTables) -> dict[str, list[datetime]]:
    """Each table's TimeGenerated, in order."""
    by_table: defaultdict[str, list[LogLine]] = defaultdict(list)
    for row in rows:
        by_table[row.table].append(row)
    for table, lines in by_table.items():
        tables.store(table, ((line.values, line.seen) for line in lines))
    return {table: [line.generated for line in lines] for table, lines in by_table.items()}


def _run(
    rule: AlertRule,
    tables: LogTables,
    recording: Recording,
    alerts: list[Alert],
    measure: Evaluate,
) -> AlertRuleRunner:
    times, rows = recording.times, recording.rows

    def keep(alert: Alert, condition: Condition) -> None:
        if condition == "Fired":
            alerts.append(alert)

    runner = AlertRuleRunner(rule, tables, keep)
    first, last = rows[0].generated, rows[-1].generated
    fires_on_nothing = any(
        series.violated for series in evaluate(rule, tables, first - _LONG_BEFORE)
    )
    own = list(merge(*(times.get(name, []) for name in tables.tables_in(rule.query))))
    end = last + rule.lookback + recording.ingestion_delay
    ticks = _ticks_with_rows(rule, own, end)
    if fires_on_nothing:
        # It fires on nothing: where the recording begins and ends, silence is no sign.
        end = last
        ticks = _ticks(rule, first + rule.lookback, end)
    if rule.enabled:
        before = None
        for chunk in _chunks(ticks, own, rule.lookback):
            for now, series in zip(chunk, measure(rule, tables, chunk), strict=True):
                _pass_quiet_ticks(runner, before, now - _INSTANT)
                runner.advance(now, series)
                before = now
        _pass_quiet_ticks(runner, before, end)
    return runner


def _ticks(rule: AlertRule, begin: datetime, end: datetime) -> Iterator[datetime]:
    now = next_tick(begin - _INSTANT, rule.frequency)
    while now <= end:
        yield now
        now += rule.frequency


def _ticks_with_rows(
    rule: AlertRule, times: Sequence[datetime], end: datetime
) -> Iterator[datetime]:
    """The ticks with a row in their lookback; at others nothing can be violated."""
    index = 0
    now = next_tick(times[0] - _INSTANT, rule.frequency) if times else end
    while index < len(times) and now <= end:
        if times[index] <= now:
            yield now
            now += rule.frequency
        else:
            now = next_tick(times[index] - _INSTANT, rule.frequency)
        index = bisect_right(times, now - rule.lookback, lo=index)


def _chunks(
    ticks: Iterable[datetime], times: Sequence[datetime], lookback: timedelta
) -> Iterator[list[datetime]]:
    """Ticks that are evaluated in one statement: not more rows than memory holds with ease."""
    chunk: list[datetime] = []
    rows = 0
    for now in ticks:
        chunk.append(now)
        rows += bisect_right(times, now) - bisect_right(times, now - lookback)
        if rows >= MAX_ROWS or len(chunk) >= MAX_TICKS:
            yield chunk
            chunk, rows = [], 0
    if chunk:
        yield chunk


def _pass_quiet_ticks(runner: AlertRuleRunner, before: datetime | None, until: datetime) -> None:
    """The ticks after `before` whose lookback is empty: fired alerts may be resolved there."""
    frequency = runner.rule.frequency
    while before is not None and runner.active and before + frequency <= until:
        before += frequency
        runner.advance(before, [])
