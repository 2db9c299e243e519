"""Every query run on the log tables, typed and empty, by the lab's own engine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from duckdb_kql.errors import KqlSyntaxError

from lab.check import name_search
from lab.check.finding import Finding
from lab.check.query import Query
from lab.kusto.engine import KustoError
from lab.logs.log_tables import LogTables

_UNKNOWN: Final = re.compile(
    r"(?:the query is refused: .*?)?(column|table) '([^']+)' does not exist"
)
_CANDIDATES: Final = re.compile(r"^Candidate bindings: (.*)$", re.MULTILINE)
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
            there = tables.columns_before(text, error.column) if error.column else None
            finding, wrong, better = _finding(query, error, text, there or _scope(error))
            # After a guess, only names are still the author's own mistakes.
            if wrong or not outcome.findings:
                outcome.findings.append(finding)
        if better is None:
            return outcome
        text = re.sub(rf"(?<![\w$]){re.escape(wrong)}(?!\w)", better, text)
    return outcome


def _finding(
    query: Query, error: KustoError, text: str, scope: Sequence[str] | None
) -> tuple[Finding, str, str | None]:
    """The finding, and for a name the name and what may stand for it."""
    unknown = _UNKNOWN.match(error.message)
    if unknown is None:
        return _refusal(query, error), "", None
    kind, name = unknown[1], unknown[2]
    instead = (
        name_search.table(name, query)
        if kind == "table"
        else name_search.column(name, query, scope, text)
    )
    start = next(query.words(name), None)
    what = f"{kind} {name!r} does not exist"
    better = name_search.suggested(instead)
    if start is None:
        return query.at_head("", f"unknown-{kind}", what, instead), name, better
    finding = query.at_statement(start, len(name), f"unknown-{kind}", what, instead)
    return finding, name, better


def _refusal(query: Query, error: KustoError) -> Finding:
    parses = not _is_syntax(error)
    rule_id = "translator-refuses" if parses else "query-does-not-parse"
    instead = (
        "expected constructs that docs/lab-fidelity.md does not list as unknown"
        if parses
        else "expected KQL"
    )
    what, _, told = error.message.partition("; ")
    if told.startswith(("did you mean", "expected")):
        instead = told
    else:
        what = error.message
    if error.line is None:
        return query.at_head("", rule_id, what, instead)
    lines = query.statement.split("\n")
    row = lines[min(error.line, len(lines)) - 1]
    start = sum(len(line) + 1 for line in lines[: error.line - 1])
    indent = len(row) - len(row.lstrip())
    return query.at_statement(start + indent, max(1, len(row.strip())), rule_id, what, instead)


def _scope(error: BaseException) -> list[str] | None:
    """Names near the one that is missing, as DuckDB knows them at that step."""
    candidates = _CANDIDATES.search(str(_root(error)))
    return re.findall(r'"([^"]+)"', candidates[1]) if candidates else None


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _is_syntax(error: BaseException) -> bool:
    return isinstance(_root(error), KqlSyntaxError)
