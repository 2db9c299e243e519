"""One rule over all scenes: what it made of each, and the rows that show it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from components.limits.refusal import Place, Refusal, RefusedError
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule, Series
from lab.cases.case_file import START
from lab.cases.case_pattern import CaseRow
from lab.clock import rfc3339
from lab.judge.scenes import Kind, Scene
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables
from lab.trial.case_trial import CaseTrial, Outcome

Row = dict[str, Any]
Progress = Callable[[float], object]

SHOWN: Final = 3
"""Rows of one piece of evidence."""

_ROWS_TOGETHER: Final = 6_000
_SCENES_TOGETHER: Final = 60
_WITH_EVIDENCE: Final = 6
"""Ordinary scenes whose rows are kept; of an attack the first scene's are."""

_HIDDEN: Final = (
    *("TenantId", "_ResourceId", "_SubscriptionId", "SourceSystem", "Type", "Category", "Host"),
    *("OperationName", "SPort", "ComputerName", "CsHost", "CsBytes", "ScBytes", "Result"),
)
_LONGEST: Final = 200
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")
_SCHEMA: Final = '"EventSchema"'
_EVENT: Final = ("EventType", "EventResult", "EventResultDetails", "TargetUsername", "SrcIpAddr")
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True)
class SceneResult:
    """What the rule made of one scene. Times are those of the scene's own Monday."""

    scene: Scene
    alerts: tuple[Alert, ...]
    closest: Series | None
    """The measured value nearest to the threshold, or furthest beyond it."""
    result: tuple[Row, ...] = ()
    """Rows that the query gave at the first alert."""
    raw: tuple[Row, ...] = ()
    """Log rows of the scene: those of the alert's window, or the attacker's."""
    time_fired: float = 0.0
    """Share of the evaluations in which the condition held."""

    @property
    def fired(self) -> bool:
        return bool(self.alerts)


@dataclass(frozen=True)
class Judged:
    """A rule and what it made of the scenes whose tables it reads; `blind`: the other attacks."""

    rule: AlertRule
    tables: frozenset[str]
    results: Sequence[SceneResult]
    blind: Sequence[Scene] = ()
    one_row: Row | None = None
    """A single row of ordinary traffic that is enough for an alert."""
    days: int = field(default=0)

    def of(self, *kinds: Kind) -> list[SceneResult]:
        """The results of scenes of these kinds."""
        return [each for each in self.results if each.scene.kind in kinds]

    @property
    def accused(self) -> list[SceneResult]:
        """Ordinary scenes and days in which it fired."""
        return [each for each in self.of("ordinary", "day") if each.fired]

    @property
    def alerts_a_day(self) -> float:
        """On ordinary days; a day without rows of its tables raises what nothing raises."""
        fired = sum(len(each.alerts) for each in self.of("day"))
        return fired / self.days if self.days else 0.0

    @property
    def time_fired(self) -> float:
        """Share of the evaluations of ordinary days in which the condition held."""
        days = self.of("day")
        return sum(each.time_fired for each in days) / len(days) if days else 0.0


def run(
    rule: AlertRule, scenes: Sequence[Scene], progress: Progress = lambda share: None
) -> Judged:
    """The rule at every tick of every scene; RefusedError when it cannot be evaluated."""
    tables = _tables_of(rule)
    seen = [each for each in scenes if each.reads_any(tables)]
    total = sum(len(each.rows) for each in seen) or 1
    results: list[SceneResult] = []
    keeper = _Keeper()
    done = 0
    for group in _groups(seen):
        results += _judged(rule, group, tables, keeper)
        done += sum(len(each.rows) for each in group)
        progress(done / total)
    order = {id(each): number for number, each in enumerate(scenes)}
    results.sort(key=lambda each: order[id(each.scene)])
    found = Judged(
        rule,
        tables,
        results,
        [each for each in scenes if each.kind == "attack" and not each.reads_any(tables)],
        days=sum(each.kind == "day" for each in scenes),
    )
    return Judged(**{**vars(found), "one_row": _one_row(found)})


def rows_of(scene: Scene, wanted: Callable[[CaseRow], bool], most: int = SHOWN) -> list[Row]:
    """Log rows of a scene, short enough to be read."""
    return [shown(row) for row in scene.rows if wanted(row)][:most]


def shown(row: CaseRow) -> Row:
    """A row as evidence: what says something, cut where it is long."""
    values = {"TimeGenerated": _clock(START + row.offset), **row.values}
    return {"_table": row.table, **_short(values)}


def _tables_of(rule: AlertRule) -> frozenset[str]:
    tables = LogTables()
    try:
        return tables.tables_in(rule.query)
    except KustoError as error:
        place = Place(resource=f"alert rule {rule.name}")
        raise RefusedError(Refusal(place, error.message)) from error
    finally:
        tables.close()


def _groups(scenes: Sequence[Scene]) -> Iterator[list[Scene]]:
    """Small scenes together, large ones alone: a statement crosses all rows with all moments."""
    group: list[Scene] = []
    rows = 0
    for each in sorted(scenes, key=lambda scene: len(scene.rows)):
        full = rows + len(each.rows) > _ROWS_TOGETHER or len(group) >= _SCENES_TOGETHER
        if group and full:
            yield group
            group, rows = [], 0
        group.append(each)
        rows += len(each.rows)
    if group:
        yield group


def _judged(
    rule: AlertRule, group: Sequence[Scene], tables: Iterable[str], keeper: "_Keeper"
) -> list[SceneResult]:
    read = set(tables)
    trial = CaseTrial(
        [(each.case, [row for row in each.rows if row.table in read]) for each in group]
    )
    try:
        found = []
        for number, outcome in trial.outcomes(rule, range(len(group))):
            if outcome.error:
                raise RefusedError.of(outcome.error)
            found.append(_result(rule, trial, number, group[number], outcome, keeper))
        return found
    finally:
        trial.close()


class _Keeper:
    """Of which scenes the rows are kept: a query more for each is not worth it."""

    def __init__(self) -> None:
        self._attacks: set[tuple[str, bool]] = set()
        self._ordinary = 0

    def wants(self, scene: Scene, fired: bool) -> bool:
        if scene.kind == "day":
            return fired
        if scene.kind == "ordinary":
            self._ordinary += fired
            return fired and self._ordinary <= _WITH_EVIDENCE
        key = (scene.attack, fired)
        first = key not in self._attacks
        self._attacks.add(key)
        return first


def _result(
    rule: AlertRule,
    trial: CaseTrial,
    number: int,
    scene: Scene,
    outcome: Outcome,
    keeper: _Keeper,
) -> SceneResult:
    back = trial.start(number) - START
    closest = outcome.closest
    time_fired = outcome.violated / max(1, outcome.evaluations)
    if not keeper.wants(scene, bool(outcome.raised)):
        return SceneResult(scene, outcome.raised, closest, time_fired=time_fired)
    nearest = outcome.raised[0] if outcome.raised else closest
    result: list[Row] = []
    if nearest is not None:
        at = nearest.window_end
        rows = trial.tables.query(rule.query, at, at - rule.lookback, at).rows
        values = outcome.raised[0].dimensions.values() if outcome.raised else ()
        own = [row for row in rows if all(_has(row, value) for value in values)] or rows
        result = [_short(_timed(row)) for row in own[:SHOWN]]
    raw = tuple(_telling(rule, scene, outcome, back))
    return SceneResult(scene, outcome.raised, closest, tuple(result), raw, time_fired)


def _telling(rule: AlertRule, scene: Scene, outcome: Outcome, back: timedelta) -> list[Row]:
    """Rows of the alert's window, those first that name whom it accuses; else the attacker's.

    Of those the ones that have most of the numbers and words that the query looks for.
    """
    names: list[str] = []
    rows: Iterable[CaseRow] = scene.rows
    if outcome.raised:
        first = outcome.raised[0]
        start, end = first.window_start - back - START, first.window_end - back - START
        rows = [row for row in scene.rows if start < row.offset <= end]
        names = [value for value in first.dimensions.values() if value]
    elif scene.case.alerts:
        names = [value for value in scene.case.alerts[0].values() if value]
    names = [name.removesuffix(":/64") for name in names]
    found = [row for row in rows if any(_has(row.values, name) for name in names)]
    sought = _sought(rule.query)
    found = sorted(found or rows, key=lambda row: -sum(map(_sayer(row), sought)))
    return [shown(row) for row in found[:SHOWN]]


def _sought(query: str) -> list[str]:
    """The literals of a query."""
    literals = re.findall(r"\"([^\"\n]{2,60})\"|'([^'\n]{2,60})'|(?<![\w.])(\d{3})(?![\w.])", query)
    return [next(filter(None, each)).casefold() for each in literals]


def _sayer(row: CaseRow) -> Callable[[str], bool]:
    values = [str(each).casefold() for each in row.values.values() if each not in ("", None)]
    return lambda word: any(
        word == each or (not word.isdigit() and word in each) for each in values
    )


def _one_row(found: Judged) -> Row | None:
    """Whether one row of those behind a false alarm raises it by itself."""
    scene = next((each for each in found.accused if each.raw), None)
    if scene is None or found.rule.operator.startswith("Less"):
        return None
    first = scene.alerts[0]
    end = (first.window_end - START) % _WEEK
    start = end - (first.window_end - first.window_start)
    rows = [
        row for row in scene.scene.rows if row.table in found.tables and start < row.offset <= end
    ]
    once = {json.dumps(_kind_of(row), default=str): row for row in reversed(rows)}
    some = list(once.values())[-40:]
    case = scene.scene.case
    trial = CaseTrial([(case, [row]) for row in some])
    try:
        for number, outcome in trial.outcomes(found.rule, range(len(some))):
            if outcome.raised:
                return shown(some[number])
    finally:
        trial.close()
    return None


def _kind_of(row: CaseRow) -> list[Any]:
    """Two requests of one page with one answer are of one kind."""
    text = str(row.values.get("ResultDescription", ""))
    return [row.table, row.values.get("CsUriStem"), row.values.get("ScStatus"), text[:40]]


def _has(row: Any, value: str) -> bool:
    return any(value in str(each) for each in row.values())


def _timed(row: Row) -> Row:
    """Scenes lie weeks apart: weekday and time of day are the scene's own."""
    return {
        name: _clock(rfc3339.parse(value))
        if isinstance(value, str) and _TIME.fullmatch(value)
        else value
        for name, value in row.items()
    }


def _clock(when: datetime) -> str:
    return when.strftime("%a %H:%M:%S")


def _short(values: Row) -> Row:
    told = {name: _cut(value) for name, value in values.items() if name not in _HIDDEN}
    return {name: value for name, value in told.items() if value not in ("", None)}


def _cut(value: Any) -> Any:
    """A long text loses its end; a login event what says nothing of who did what."""
    if not isinstance(value, str) or len(value) <= _LONGEST:
        return value
    if value.startswith("{") and _SCHEMA in value:
        try:
            event = json.loads(value)
        except ValueError:
            event = {}
        kept = {name: event[name] for name in _EVENT if event.get(name)}
        return f"{json.dumps(kept, ensure_ascii=False)} (cut)" if kept else f"{value[:_LONGEST]}…"
    return f"{value[:_LONGEST]}…"
