"""The query of an analytics rule: which of our functions it has in it, what it reads and gives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.content import kql_function
from components.content.kql_function import KqlFunction
from components.limits.kql_text import code_only
from components.limits.refusal import Refusal, nearest
from lab.exchange.sentinel_file import SentinelFile
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables


@dataclass(frozen=True)
class SentinelQuery:
    """`shape`: the columns of the result with DuckDB's types; None when the query cannot be run."""

    body: str
    """Without the functions that kql/functions/ has."""
    shape: Mapping[str, str] | None = None
    tables: tuple[str, ...] = ()
    refusals: list[Refusal] = field(default_factory=list)


def read(file: SentinelFile) -> SentinelQuery:
    """The query of a rule, tried on empty tables."""
    body = _with_function_beside(file)
    functions = kql_function.load_all()
    for each in functions.values():
        body = _without(body, each)
    declared = set(re.findall(r"\blet\s+(\w+)\s*=", code_only(body)))
    refusals = [
        Refusal(
            file.in_query(1), f"let {name} is not the same as kql/functions/{name}.kql", "rename it"
        )
        for name in sorted(declared & functions.keys())
    ]
    body = body.strip()
    used = kql_function.used_by(body, functions)
    whole = "\n".join([*(each.as_let() for each in used if each.name not in declared), body])
    tables = LogTables()
    try:
        if source := _unknown_source(body, {*tables.columns, *functions, *declared}):
            expectation = nearest(source, {*tables.columns, *functions})
            line = file.query()[: file.query().find(source)].count("\n") + 1
            what = f"table or function {source!r} is unknown"
            unknown = Refusal(file.in_query(line), what, expectation)
            return SentinelQuery(body, refusals=[*refusals, unknown])
        read_tables = tuple(sorted(tables.tables_in(whole)))
        return SentinelQuery(body, tables.shape(whole), read_tables, refusals)
    except KustoError as error:
        # Its line counts from the first line of what was asked, functions above included.
        above = whole.count("\n") - body.count("\n")
        left = file.query().count("\n") - body.count("\n")
        own = error.line - above + left if error.line and error.line > above else None
        return SentinelQuery(body, refusals=[*refusals, Refusal(file.in_query(own), error.message)])
    finally:
        tables.close()


def _unknown_source(body: str, known: set[str]) -> str:
    """The name that the query reads, where nothing has it; every column would be a riddle."""
    last = code_only(body).rpartition(";")[2] or body
    found = re.match(r"\s*(\w+)\s*(\||$)", last)
    if found is None or found[1] in known:
        return ""
    return found[1]


def _with_function_beside(file: SentinelFile) -> str:
    """The query; a function that it begins with is taken from `functions/`, as exports have it."""
    body = file.query()
    found = re.match(r"\w+", body)
    path = file.path.parent / "functions" / f"{found[0]}.kql" if found else None
    if found is None or path is None or not path.is_file():
        return body
    lines = path.read_text(encoding="utf-8").strip().splitlines()
    return "\n".join(lines[1:]) + body[found.end() :]


def _without(body: str, function: KqlFunction) -> str:
    """An exported rule has our functions in it; what they are called, the head's file knows."""
    lines = [line.rstrip() for line in body.splitlines()]
    given = [line.rstrip() for line in function.as_let().splitlines()]
    for first in range(len(lines) - len(given) + 1):
        if lines[first : first + len(given)] == given:
            return "\n".join(lines[:first] + lines[first + len(given) :])
    return body
