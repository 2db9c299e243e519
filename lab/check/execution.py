"""Every query run on the log tables, typed and empty, by the lab's own engine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from duckdb_kql.errors import KqlError, KqlSyntaxError

from lab.check import name_search
from lab.check.finding import Finding
from lab.check.query import Query
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

_UNKNOWN: Final = re.compile(r"(column|table) '([^']+)' does not exist")
_MOST_REPAIRS: Final = 10


@dataclass
class Outcome:
    """What is wrong with a query; without findings, the columns of its result with DuckDB's types
    and the tables that it reads."""

    findings: list[Finding] = field(default_factory=list)
    shape: dict[str, str] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()


def check(queries: Sequence[Query]) -> dict[str, Outcome]:
    """By path, what came of each query."""
    tables = LogTables()
    try:
        return {each.path: _outcome(each, tables) for each in queries}
    finally:
        tables.close()


def _outcome(query: Query, tables: LogTables) -> Outcome:
    """A name that does not exist is replaced by the nearest, to find the next one too."""
    outcome = Outcome()
    text = query.statement
    for _ in range(_MOST_REPAIRS):
        try:
            outcome.shape = tables.shape(text)
            outcome.tables = tables.tables_in(text)
            return outcome
        except KustoError as error:
            finding, wrong, better = _finding(query, error)
            # After a guess, only names are still the author's own mistakes.
            if wrong or not outcome.findings:
                outcome.findings.append(finding)
        if better is None:
            return outcome
        text = re.sub(rf"(?<![\w$]){re.escape(wrong)}(?!\w)", better, text)
    return outcome


def _finding(query: Query, error: KustoError) -> tuple[Finding, str, str | None]:
    """The finding, and for a name the name and what may stand for it."""
    what, _, instead = error.message.partition("; ")
    unknown = _UNKNOWN.match(what)
    if unknown is None:
        return _placed(query, error, _rule_of(error), what, instead), "", None
    kind, name = unknown[1], unknown[2]
    if kind == "table":
        instead = name_search.table(name, query)
    better = name_search.suggested(instead)
    rule_id = f"unknown-{kind}"
    start = next(query.words(name), None)
    if start is None:
        return query.at_head("", rule_id, what, instead), name, better
    return query.at_statement(start, len(name), rule_id, what, instead), name, better


def _rule_of(error: KustoError) -> str:
    root = _root(error)
    if isinstance(root, KqlSyntaxError):
        return "query-does-not-parse"
    ours = error.kusto_takes_it or isinstance(root, KqlError) or error.start is None
    return "translator-refuses" if ours else "kusto-refuses"


def _placed(query: Query, error: KustoError, rule_id: str, what: str, instead: str) -> Finding:
    if error.start is None or error.end is None:
        return query.at_head("", rule_id, what, instead)
    # A parser that gives up is no guide to how much of the text is wrong: the line is shown.
    if rule_id != "query-does-not-parse":
        return query.at_statement(error.start, error.end - error.start, rule_id, what, instead)
    start = query.statement.rfind("\n", 0, error.start) + 1
    row = query.statement[start:].partition("\n")[0]
    indent = len(row) - len(row.lstrip())
    return query.at_statement(start + indent, max(1, len(row.strip())), rule_id, what, instead)


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error
