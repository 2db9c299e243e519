"""The checks of `lab check` on a rule from elsewhere, said by the lines of its own file."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.check import file_lint, library, lint_reach
from lab.check.query import Query
from lab.exchange.foreign_rule import ForeignRule, names_of

SILENT: Final = ("tables-unlike-query", "dimension-not-in-result", "measure-not-in-result")
"""What the form of a foreign rule settles, or refuses, before anything is judged."""


@dataclass(frozen=True)
class Remark:
    """One finding of the lint; `line` is the file's own, None where it is about the whole rule."""

    rule_id: str
    what: str
    expected: str
    line: int | None


@dataclass(frozen=True)
class Linted:
    """The query as the checks see it, how many rows it can give at most, and their remarks."""

    query: Query
    most_rows: int | None
    remarks: tuple[Remark, ...]


def lint(own: ForeignRule, rule: AlertRule, tables: frozenset[str]) -> Linted:
    """What `lab check` would say if the rule were a detection of the library."""
    head = yaml.safe_dump(_head(own, rule, tables), sort_keys=False, width=96)
    lines = "".join(f"// {line}\n" for line in head.splitlines())
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "own_rule.kql"
        path.write_text(f"{lines}\n{own.query}\n", encoding="utf-8")
        query = library.alone(path)
        found = file_lint.of(query, SILENT)
        first = lines.count("\n") + 2
        remarks = [
            Remark(
                each.rule_id,
                each.what,
                each.instead,
                _own_line(own, each.line, first) if each.path == query.path else None,
            )
            for each in found
        ]
        return Linted(query, lint_reach.most_rows(query), tuple(remarks))


def _own_line(own: ForeignRule, line: int | None, first: int) -> int | None:
    if line is None or line < first:
        return None
    return own.in_query(line - first + 1).line


def _head(own: ForeignRule, rule: AlertRule, tables: frozenset[str]) -> dict[str, Any]:
    given = own.given
    measure: object = "rows"
    if rule.measure_column is not None:
        measure = {"column": rule.measure_column, "aggregation": rule.aggregation}
    threshold = rule.threshold
    return {
        "name": own.name,
        "frequency": str(given.get("evaluationFrequency", "PT5M")),
        "window": str(given.get("windowSize", "PT5M")),
        "measure": measure,
        "operator": rule.operator,
        "threshold": int(threshold) if threshold == int(threshold) else threshold,
        "dimensions": list(names_of(given)),
        "tables": sorted(tables),
    }
