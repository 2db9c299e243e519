"""The query of an analytics rule: which of our functions it has in it, what it reads and gives."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from components.content import kql_function
from components.content.kql_function import KqlFunction
from components.content.log_columns import TABLES
from components.limits.kql_text import code_only
from components.limits.refusal import Refusal
from lab.exchange import sentinel_file, sentinel_repair, table_map
from lab.exchange.sentinel_file import SentinelFile
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

_ABSENT: Final = re.compile(r"table '([^']+)' does not exist")
_READABLE: Final = (
    "expected a table of this stack (AppServiceHTTPLogs, LoginEvents, AzureActivity, ...), or what"
    f" stands for one: {', '.join(table_map.COUNTERPARTS)}"
)


@dataclass(frozen=True)
class SentinelQuery:
    """`shape`: the columns of the result with DuckDB's types; None when the query cannot be run."""

    body: str
    """Without the functions that kql/functions/ has, written as an alert rule takes it."""
    lets: str = ""
    """What stands for tables and parsers that have another name here."""
    shape: Mapping[str, str] | None = None
    tables: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """What was written differently, one line each."""
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The query as the detection has it."""
        return with_lets(self.lets, self.body)


def with_lets(lets: str, body: str) -> str:
    """A body with the `let` statements that it needs in front."""
    return f"{lets}\n{body}" if lets else body


def read(file: SentinelFile) -> SentinelQuery:
    """The query of a rule, tried on empty tables."""
    body = _with_function_beside(file)
    functions = kql_function.load_all()
    for each in functions.values():
        body = _without(body, each)
    body = body.strip()
    refusals = [Refusal(file.in_query(1), each) for each in sentinel_repair.calls_refused(body)]
    body, told = sentinel_repair.repaired(body, sentinel_file.span(file.rule.get("queryPeriod")))
    mapped = table_map.of(body)
    refusals += [Refusal(file.in_query(_line(file, each)), each) for each in mapped.wrong]
    declared = set(re.findall(r"\blet\s+(\w+)\s*=", code_only(body)))
    refusals += [
        Refusal(
            file.in_query(1), f"let {name} is not the same as kql/functions/{name}.kql", "rename it"
        )
        for name in sorted(declared & functions.keys())
    ]
    body = body.strip()
    found = SentinelQuery(body, mapped.lets, told=(*mapped.told, *told), refusals=refusals)
    return replace(found, **_tried(file, found, declared, functions))


def _tried(
    file: SentinelFile,
    found: SentinelQuery,
    declared: set[str],
    functions: Mapping[str, KqlFunction],
) -> dict[str, Any]:
    """Shape and tables; or a refusal more."""
    body, text = found.body, found.text
    used = kql_function.used_by(text, functions)
    whole = "\n".join([*(each.as_let() for each in used if each.name not in declared), text])
    tables = LogTables()
    known = {*tables.columns, *functions, *declared, *table_map.COUNTERPARTS}
    try:
        if source := _unknown_source(body, known):
            line = file.query()[: file.query().find(source)].count("\n") + 1
            refusal = _no_table(file, source, line)
            return {"refusals": [*found.refusals, refusal]}
        return {"shape": tables.shape(whole), "tables": tuple(sorted(tables.tables_in(whole)))}
    except KustoError as error:
        # Its line counts from the first line of what was asked, functions above included.
        above = whole.count("\n") - body.count("\n")
        left = file.query().count("\n") - body.count("\n")
        own = error.line - above + left if error.line and error.line > above else None
        absent = _ABSENT.match(error.message)
        if absent is not None and absent[1] not in known:
            return {"refusals": [*found.refusals, _no_table(file, absent[1], own)]}
        return {"refusals": [*found.refusals, Refusal(file.in_query(own), error.message)]}
    finally:
        tables.close()


def _no_table(file: SentinelFile, name: str, line: int | None) -> Refusal:
    """A name that may be mistyped is told the nearest; another product's, what there is."""
    known = {*TABLES, *kql_function.load_all(), *table_map.COUNTERPARTS}
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    expected = f"did you mean {near[0]!r}?" if near else _READABLE
    what = f"table or function {name!r} is unknown: nothing in this stack fills it"
    return Refusal(file.in_query(line), what, expected)


def _line(file: SentinelFile, message: str) -> int:
    """The line of the query in which the column that a message is about stands first."""
    word = message.removeprefix("column ").split(" ")[0]
    found = re.search(rf"\b{re.escape(word)}\b", file.query())
    return file.query()[: found.start()].count("\n") + 1 if found else 1


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
