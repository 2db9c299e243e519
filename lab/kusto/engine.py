"""KQL over DuckDB: translated by duckdb-kql, run at a moment of the lab's clock."""

import json
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import duckdb
import duckdb_kql
from duckdb_kql.errors import KqlError, KqlSyntaxError

from components.limits.kql_text import code_only
from components.limits.refusal import NOWHERE, Refusal, RefusedError, nearest
from lab.clock.rfc3339 import naive_utc, rfc3339
from lab.kusto import operator_name

Tables = Mapping[str, Mapping[str, str]]
"""Table name -> column name -> KQL type."""

MAX_MESSAGE: Final = 300
MAX_SQL: Final = 2_000_000
"""Characters; DuckDB needs minutes to plan more."""

_QUOTED = re.compile(r'"((?:[^"]|"")+)"')
_DEFINED = re.compile(r'\bAS "((?:[^"]|"")+)"|"((?:[^"]|"")+)" AS \(')
_MISSING_COLUMN = re.compile(r'Referenced column "([^"]+)" not found')
_MISSING_TABLE = re.compile(r"Table with name (\S+) does not exist")
_PLACE = re.compile(r"\bat (\d+):\d+")
_PARSER_DEPTH = 20_000
"""Python frames: a `let` chain is parsed by recursive descent, some 40 frames a level."""

_TOO_DEEP = (
    "the query is refused: its calls nest too deep for the translator;"
    " expected fewer levels, above all of strcat"
)


class KustoError(RefusedError):
    """A query that cannot be run; one line, `line` is the query's own where it is known.

    `column` is the name that is no column, where that is what is wrong.
    """

    def __init__(self, message: str, line: int | None = None, *, column: str | None = None) -> None:
        self.message = message
        self.line = line
        self.column = column
        super().__init__(Refusal(NOWHERE, f"{message} (line {line})" if line else message))


@dataclass(frozen=True)
class Result:
    """Rows as JSON could carry them: datetimes RFC 3339 in UTC, timespans as Kusto writes them."""

    columns: list[str]
    rows: list[dict[str, Any]]


class Kusto:
    """Runs KQL on one connection; a text is translated once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
        self._connection = connection
        self._tables = tables
        self._schema = {name: list(columns) for name, columns in tables.items()}
        self._translations: dict[str, str] = {}

    def run(
        self, kql: str, now: datetime, finish: Callable[[str], str] = lambda sql: sql
    ) -> Result:
        """The result of a query whose `now()` is `now`; `finish` may wrap the translated SQL."""
        cursor = self.execute(finish(self.sql(kql)), now, kql)
        columns = [str(column[0]) for column in cursor.description or ()]
        kinds = [str(column[1]) for column in cursor.description or ()]
        rows = [
            {
                name: _plain(value, kind)
                for name, kind, value in zip(columns, kinds, row, strict=True)
            }
            for row in cursor.fetchall()
        ]
        return Result(columns, rows)

    def sql(self, kql: str) -> str:
        """The query as DuckDB's SQL; `$kqlnow` in it stands for `now()`."""
        found = self._translations.get(kql)
        if found is None:
            found = self._translations[kql] = self._translated(kql)
        return found

    def execute(self, sql: str, now: datetime, kql: str = "") -> duckdb.DuckDBPyConnection:
        """Run translated SQL, possibly wrapped in more of it; a refusal is a KustoError."""
        try:
            if "$kqlnow" in sql:
                return self._connection.execute(sql, {"kqlnow": naive_utc(now)})
            return self._connection.execute(sql)
        except duckdb.Error as error:
            raise self._refusal(error, kql) from error

    def _translated(self, kql: str) -> str:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _PARSER_DEPTH))
        try:
            # The moment only makes the translation use the parameter; each run binds its own.
            sql = str(
                duckdb_kql.to_sql(
                    kql, schema=self._schema, allow_write=False, query_now=datetime(2000, 1, 1)
                )
            )
        except KqlError as error:
            if isinstance(error, KqlSyntaxError) and (slip := operator_name.slip(kql)):
                raise KustoError(*slip) from error
            place = _PLACE.search(str(error))
            line = int(place[1]) if place else None
            raise KustoError(f"the query is refused: {_one_line(error)}", line) from error
        except (RecursionError, MemoryError) as error:
            raise KustoError(_TOO_DEEP) from error
        if len(sql) > MAX_SQL:
            raise KustoError(_TOO_DEEP)
        self._check_case(sql, kql)
        return sql

    def _check_case(self, sql: str, kql: str) -> None:
        # DuckDB takes names in any case, Kusto does not: what passes here must pass there.
        names = {name for name in self._schema if f'"{name}"' in sql}
        exact = set(self._schema).union(*(self._tables[name] for name in names))
        folded = {name.casefold(): name for name in exact}
        folded |= {name.casefold(): name for name in self._schema}
        own = {first or second for first, second in _DEFINED.findall(sql)}
        for word in dict.fromkeys(_QUOTED.findall(sql)):
            meant = folded.get(word.casefold())
            if meant is not None and word not in exact and word not in own:
                what = "table" if meant in self._schema else "column"
                raise KustoError(
                    f"{what} {word!r} does not exist; did you mean {meant!r}?", _line_of(word, kql)
                )

    def _refusal(self, error: duckdb.Error, kql: str) -> KustoError:
        text = str(error)
        if table := _MISSING_TABLE.search(text):
            name = table[1]
            message = f"table {name!r} does not exist; {nearest(name, self._schema)}"
            return KustoError(message, _line_of(name, kql))
        if column := _MISSING_COLUMN.search(text):
            name = column[1]
            used = [table for table in self._schema if re.search(rf"\b{table}\b", kql)]
            known = {each for table in used for each in self._tables[table]}
            expectation = nearest(name, known) if known else "expected a column of the query"
            message = f"column {name!r} does not exist; {expectation}"
            return KustoError(message, _line_of(name, kql), column=name)
        return KustoError(f"the query cannot be run: {_one_line(error)}")


def _line_of(word: str, kql: str) -> int | None:
    kql = code_only(kql)
    found = re.search(rf"\b{re.escape(word)}\b", kql)
    return kql.count("\n", 0, found.start()) + 1 if found else None


def _one_line(error: Exception) -> str:
    """Without the SQL below the message and without lists of every token or overload there is."""
    text = re.split(r"\n\nLINE |\n\s*Candidate functions:", str(error))[0]
    text = re.sub(r" at \d+:\d+\b| expecting \{[^}]{40,}\}", "", text)
    return textwrap.shorten(text, MAX_MESSAGE, placeholder=" …")


def _plain(value: Any, kind: str) -> Any:
    if value is None:
        return "" if kind == "VARCHAR" else None
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, timedelta):
        return _timespan(value)
    if kind == "JSON":
        return json.loads(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, list):
        return [_plain(each, "") for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each, "") for key, each in value.items()}
    return str(value)


def _timespan(value: timedelta) -> str:
    """`[-][d.]hh:mm:ss[.fffffff]`, as Kusto writes a timespan."""
    sign, span = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(span.seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06}0" if span.microseconds else ""
    return f"{sign}{days}{text}{fraction}"
