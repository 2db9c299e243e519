"""Lint of rules that can never fire: more rows asked for than the query can give, or a table that
nothing fills."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from components.limits.alert_rule import duration
from lab.check.finding import Finding
from lab.check.query import Query
from lab.kusto.kusto_error import KustoError
from lab.kusto.query_tree import Node, parse, pipelines

_KEEPS: Final = (
    *("WhereOperator", "ProjectOperator", "ExtendOperator", "SortOperator", "RenderOperator"),
    *("ProjectAwayOperator", "ProjectRenameOperator", "ProjectKeepOperator", "SerializeOperator"),
    *("DistinctOperator", "ProjectReorderOperator", "ParseOperator", "ParseWhereOperator"),
)
_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
NEVER_FILLED: Final = {
    "AppServiceAppLogs": "it stays empty for Python apps: what they print is in"
    " AppServiceConsoleLogs",
}
"""Log tables that a Linux web app in Python never fills, though its diagnostic setting names them
(Microsoft's table of App Service logs, column "Linux")."""


def check(query: Query) -> list[Finding]:
    """What keeps the rule from ever firing."""
    return [*_too_few_rows(query), *_no_source(query)]


def _too_few_rows(query: Query) -> Iterator[Finding]:
    threshold, operator = query.head.get("threshold"), query.text("operator")
    if query.measured is not None or not isinstance(threshold, (int, float)):
        return
    most = most_rows(query)
    if most is None or operator not in ("GreaterThan", "GreaterThanOrEqual"):
        return
    if most > threshold or (operator == "GreaterThanOrEqual" and most == threshold):
        return
    rows = "row" if most == 1 else "rows"
    yield query.at_head(
        "threshold",
        "can-never-fire",
        f"the query gives {most} {rows} at most, and the rule fires at more than {threshold}"
        if operator == "GreaterThan"
        else f"the query gives {most} {rows} at most, and the rule fires at {threshold}",
        "expected a measure of the counted column, as in measure: {column: Failures,"
        " aggregation: Total}, or a query that gives a row for each event",
    )


def most_rows(query: Query) -> int | None:
    """How many rows the query can give over its window; None where there is no bound."""
    try:
        tree = parse(query.statement)
    except KustoError:
        return None
    found = pipelines(tree, query.statement)
    most: int | None = None
    for operator in found[-1].operators if found else ():
        most = _after(operator.children[-1], most, query)
    return most


def _after(node: Node, most: int | None, query: Query) -> int | None:
    if node.kind in _KEEPS:
        return most
    if node.kind == "CountOperator":
        return 1
    if node.kind in ("TakeOperator", "TopOperator"):
        number = next((each.text for each in node.children[1:] if each.kind), "")
        limit = int(number) if number.isdigit() else None
        return limit if most is None else most if limit is None else min(most, limit)
    if node.kind == "SummarizeOperator":
        return _groups(node, query)
    return None


def _groups(node: Node, query: Query) -> int | None:
    by = node.of("SummarizeOperatorByClause")
    if not by:
        return 1
    keys = [each for each in by[0].children[1:] if each.text != ","]
    if len(keys) != 1:
        return None
    key = keys[0].children[-1] if keys[0].kind == "NamedExpression" else keys[0]
    if not key.children or key.children[0].text not in ("bin", "floor"):
        return None
    words = [each for each in key.children[2:-1] if each.text != ","]
    if len(words) != 2 or words[0].text != "TimeGenerated":
        return None
    step, window = _span(words[1].text), _window(query)
    return None if step is None or window is None else -(-window // step) + 1


def _window(query: Query) -> timedelta | None:
    try:
        return duration(query.text("window"))
    except ValueError:
        return None


def _span(text: str) -> timedelta | None:
    number, unit = text[:-1], text[-1:]
    if not number.replace(".", "", 1).isdigit() or unit not in _UNITS:
        return None
    return timedelta(seconds=float(number) * _UNITS[unit])


def _no_source(query: Query) -> Iterator[Finding]:
    for table in query.texts("tables"):
        if table in NEVER_FILLED:
            yield query.at_head(
                "tables",
                "table-without-rows",
                f"nothing fills {table}; {NEVER_FILLED[table]}",
                "expected a table that gets rows",
            )
