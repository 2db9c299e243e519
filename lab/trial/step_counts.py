"""Where the rows of a case go: how many are left after each step of a detection's query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from components.content.detection import Detection
from lab.azure.monitor.log_search.alert_rule import AlertRule, Series, evaluate, evaluate_all
from lab.clock.ticks import next_tick
from lab.kusto.query_tree import Node, Pipeline, parse, pipelines
from lab.logs.log_tables import LogTables

_TOGETHER: Final = 60
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Step:
    """A source or an operator of a pipeline; `pipeline` is the `let` it is part of, "" the last.

    `sample` is one of the rows behind it.
    """

    pipeline: str
    text: str
    rows: int
    sample: dict[str, Any]


@dataclass(frozen=True)
class Explanation:
    """What one evaluation saw, in (start, end], and what it measured."""

    slug: str
    subject: str
    start: datetime
    end: datetime
    steps: tuple[Step, ...]
    series: tuple[Series, ...]
    operator: str
    threshold: float | None

    def as_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "case": self.subject,
            "window": [self.start.isoformat(), self.end.isoformat()],
            "steps": [vars(step) for step in self.steps],
            "operator": self.operator,
            "threshold": self.threshold,
            "measured": [
                {"dimensions": each.dimensions, "value": each.value, "fires": each.violated}
                for each in self.series
            ],
        }


def explain(
    detection: Detection, subject: str, tables: LogTables, moments: Sequence[datetime]
) -> Explanation:
    """The evaluation among `moments` that came nearest to firing, step by step."""
    rule = AlertRule.from_detection(detection)
    now = nearest_moment(rule, tables, moments)
    return Explanation(
        detection.slug,
        subject,
        now - rule.lookback,
        now,
        tuple(_steps(rule.query, tables, now - rule.lookback, now)),
        tuple(evaluate(rule, tables, now)),
        detection.operator,
        detection.threshold,
    )


def nearest_moment(rule: AlertRule, tables: LogTables, moments: Sequence[datetime]) -> datetime:
    """The first moment at which the rule fires; without one, that of the value nearest to it."""
    best: tuple[tuple[bool, float], datetime] | None = None
    for first in range(0, len(moments), _TOGETHER):
        batch = moments[first : first + _TOGETHER]
        for now, series in zip(batch, evaluate_all(rule, tables, batch), strict=True):
            for each in series:
                near = -each.value if rule.operator.startswith("Less") else each.value
                rank = (each.violated, 0.0 if each.violated else near)
                if best is None or rank > best[0]:
                    best = rank, now
    return best[1] if best else _fullest(rule, tables, moments)


def _fullest(rule: AlertRule, tables: LogTables, moments: Sequence[datetime]) -> datetime:
    """Where nothing is measured at all: the moment whose window holds most rows."""
    names = sorted(tables.tables_in(rule.query))

    def held(now: datetime) -> int:
        found = [tables.query(f"{name} | count", now, now - rule.lookback, now) for name in names]
        return sum(int(value) for each in found for value in each.rows[0].values())

    step = max(1, len(moments) // _TOGETHER)
    return max(moments[::step], key=held)


def ticks(rule: AlertRule, first: datetime, last: datetime) -> list[datetime]:
    """The rule's evaluations between two moments."""
    now = next_tick(first - _INSTANT, rule.frequency)
    found = [now]
    while (now := now + rule.frequency) <= last + rule.frequency:
        found.append(now)
    return found


def _steps(kql: str, tables: LogTables, start: datetime, now: datetime) -> list[Step]:
    tree = parse(kql)
    found: list[Step] = []
    for pipeline in _in_use(pipelines(tree, kql), tree, kql):
        before = kql[: pipeline.begins]
        if not pipeline.operators and pipeline.name:
            continue
        parts = [pipeline.source, *pipeline.operators]
        for number, part in enumerate(parts):
            query = before + kql[pipeline.source.start : part.end]
            rows = tables.query(query, now, start, now).rows
            text = _one_line(kql[part.start : part.end]) if number else _source(part, kql)
            found.append(Step(pipeline.name, text, len(rows), rows[0] if rows else {}))
    return found


def _in_use(found: Sequence[Pipeline], tree: Node, kql: str) -> list[Pipeline]:
    """Those that give rows by themselves: a function of a value has none without it."""
    return [each for each in found if each.source.kind != "ParenthesizedExpression"]


def _source(node: Node, kql: str) -> str:
    return _one_line(kql[node.start : node.end])


def _one_line(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.strip().startswith("//")]
    return " ".join(" ".join(lines).split())
