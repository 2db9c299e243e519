"""KQL over DuckDB: held against the tables, translated by duckdb-kql, run at a moment of the lab's
clock."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import duckdb
import duckdb_kql
from duckdb_kql.errors import KqlError

from lab.clock.rfc3339 import naive_utc, rfc3339
from lab.kusto import added_functions, untranslated
from lab.kusto.binder import Bound, bind
from lab.kusto.edited_text import EditedText
from lab.kusto.known_forms import rewritten
from lab.kusto.kusto_error import KustoError, placed
from lab.kusto.query_tree import parse
from lab.kusto.spelling import spelt
from lab.kusto.translation_store import TranslationStore

Tables = Mapping[str, Mapping[str, str]]
"""Table name -> column name -> KQL type."""

MAX_SQL: Final = 2_000_000
"""Characters; DuckDB needs minutes to plan more."""

_PARSER_DEPTH = 20_000
"""Python frames: a `let` chain is parsed by recursive descent, some 40 frames a level."""

_TOO_DEEP = (
    "the query is refused: its calls nest too deep for the translator;"
    " expected fewer levels, above all of tostring"
)


@dataclass(frozen=True)
class Result:
    """Rows as JSON could carry them: datetimes RFC 3339 in UTC, timespans as Kusto writes them."""

    columns: list[str]
    rows: list[dict[str, Any]]


class Kusto:
    """Runs KQL on one connection; a text is translated once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
        added_functions.add_to(connection)
        self._connection = connection
        self._tables = tables
        self._schema = {name: list(columns) for name, columns in tables.items()}
        self._translations: dict[str, str] = {}
        self._kept = TranslationStore(tables)

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
            found = self._kept.take(kql, lambda: self._translated(kql))
            self._translations[kql] = found
        return found

    def execute(self, sql: str, now: datetime, kql: str = "") -> duckdb.DuckDBPyConnection:
        """Run translated SQL, possibly wrapped in more of it; a refusal is a KustoError."""
        try:
            if "$kqlnow" in sql:
                return self._connection.execute(sql, {"kqlnow": naive_utc(now)})
            return self._connection.execute(sql)
        except duckdb.Error as error:
            raise untranslated.not_run(error, kql) from error

    def bound(self, kql: str) -> Bound:
        """The query held against the tables; KustoError for what Kusto refuses."""
        return self._bound(spelt(kql))

    def _bound(self, spelled: EditedText) -> Bound:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _PARSER_DEPTH))
        return bind(parse(spelled.text), spelled.text, self._tables)

    def _translated(self, kql: str) -> str:
        if kql.lstrip().startswith("."):
            start = len(kql) - len(kql.lstrip())
            command = kql.split()[0]
            raise placed(
                f"{command!r} is a command of Azure Data Explorer, which Log Analytics refuses;"
                " expected a query",
                kql,
                start,
                start + len(command),
            )
        spelled = spelt(kql)
        try:
            bound = self._bound(spelled)
            sql = self._sql_of(rewritten(bound, spelled.text))
        except KustoError as error:
            raise error.moved(spelled.origin, kql) from error
        except (RecursionError, MemoryError) as error:
            raise KustoError(_TOO_DEEP) from error
        if len(sql) > MAX_SQL:
            raise KustoError(_TOO_DEEP)
        return sql

    def _sql_of(self, kql: str) -> str:
        try:
            # The moment only makes the translation use the parameter; each run binds its own.
            return str(
                duckdb_kql.to_sql(
                    kql, schema=self._schema, allow_write=False, query_now=datetime(2000, 1, 1)
                )
            )
        except KqlError as error:
            raise untranslated.told(error) from error


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
