"""The log tables of a workspace: DuckDB below, KQL above, rows seen from their own moment on."""

import json
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final

import duckdb_kql

from components.content import kql_function
from components.content.kql_function import KqlFunction
from components.content.log_columns import TABLES
from components.limits.refusal import nearest
from lab.clock import rfc3339
from lab.kusto.engine import Kusto, Result
from lab.kusto.kusto_error import KustoError
from lab.logs.log_row import LogRowError, converted

_CHUNK: Final = 20_000
_FEW: Final = 20_000
_ARRIVED: Final = '"_visible_at"'
_SEEN: Final = (
    "_visible_at <= getvariable('seen_at') AND TimeGenerated > getvariable('after')"
    " AND TimeGenerated <= getvariable('until')"
)
_EARLIEST: Final = datetime(1000, 1, 1, tzinfo=UTC)  # a retention can still be taken off it
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_TYPES: Final = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
}


class LogTables:
    """The tables of one workspace; a row is seen from the moment it is visible.

    `path` keeps them in a file, which a later `LogTables(path, read_only=True)` can read.
    `retention` hides what is older.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        read_only: bool = False,
        retention: timedelta | None = None,
        tables: Mapping[str, Mapping[str, str]] = TABLES,
    ) -> None:
        self.retention = retention
        self._functions: dict[str, KqlFunction] = {}
        self.columns = {name: _without_twins(columns) for name, columns in tables.items()}
        self._connection = duckdb_kql.connect(
            str(path) if path else ":memory:", read_only=read_only
        )
        self._connection.execute("SET threads=1")  # make_set and take keep one order
        self._connection.execute("SET enable_progress_bar=false")  # it would go to stdout
        self._connection.execute(
            "CREATE TEMP TABLE ticks(number INTEGER, now TIMESTAMP, seen TIMESTAMP)"
        )
        self._kusto = Kusto(self._connection, self.columns)
        self._lock = threading.RLock()
        self._shapes: dict[str, dict[str, str]] = {}
        self._rows = 0
        self._newest: dict[str, str] = {}
        self._sizes: Counter[str] = Counter()
        self._read: dict[str, frozenset[str]] = {}
        self._texts: dict[str, str] = {}
        self._plans: dict[tuple[str, str, timedelta], str] = {}
        self._waiting: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        if not read_only:
            self._create()

    def write(
        self,
        table: str,
        rows: Iterable[Mapping[str, Any]],
        visible_at: datetime | Iterable[datetime],
    ) -> int:
        """Add rows, all seen from one moment or each from its own; LogRowError adds none."""
        moments = repeat(visible_at) if isinstance(visible_at, datetime) else visible_at
        ready = [(self.accept(table, row), seen) for row, seen in zip(rows, moments, strict=False)]
        self.store(table, ready)
        return len(ready)

    def accept(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row as `store` takes it; LogRowError names table, column and what is expected."""
        columns = self.columns.get(table)
        if columns is None:
            raise LogRowError(f"table {table!r} is unknown; {nearest(table, self.columns)}")
        return converted(table, columns, row)

    def store(self, table: str, ready: Iterable[tuple[Mapping[str, Any], datetime]]) -> None:
        """Keep accepted rows, each with the moment from which it is seen."""
        with self._lock:
            waiting = self._waiting[table]
            for row, seen in ready:
                self._rows += 1
                self._sizes[table] += 1
                generated = str(row.get("TimeGenerated") or "")
                self._newest[table] = max(self._newest.get(table, ""), generated)
                waiting.append({**row, "_visible_at": rfc3339.naive_utc(seen).isoformat()})
                if len(waiting) >= _CHUNK:
                    self._insert(table, waiting)
                    waiting.clear()

    def query(
        self,
        kql: str,
        now: datetime,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Result:
        """What a client sees at `now` of rows with TimeGenerated in (start, end]; KustoError."""
        with self._lock:
            self._settle()
            self._look(now, start, end)
            text = self._with_functions(kql)
            try:
                return self._kusto.run(text, now, self._with_arrival)
            except KustoError as error:
                raise _in_own_lines(error, text, kql) from error

    def fetch(
        self,
        select: str,
        kql: str,
        moments: Sequence[datetime],
        lookback: timedelta,
        seen_at: Sequence[datetime] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Rows of an SQL text at each moment, the number of the moment before each row.

        `{query}` in it stands for the KQL's result, `_tick.now` for the moment, which is `now()`
        too. The KQL sees rows with TimeGenerated in (now - lookback, now] that have arrived by
        now, or by the moment's own `seen_at`. One statement for all moments, planned once: to plan
        a rule's query takes much longer than to run it.
        """
        ticks = ", ".join(
            f"({number}, {_literal(now)}, {_literal(seen)})"
            for number, (now, seen) in enumerate(zip(moments, seen_at or moments, strict=True))
        )
        with self._lock, self._optimized(self._rows > _FEW):
            self._settle()
            name = self._prepared(select, kql, lookback)
            self._connection.execute(f"DELETE FROM ticks; INSERT INTO ticks VALUES {ticks}")  # noqa: S608
            return self._kusto.execute(f"EXECUTE {name}", moments[-1], kql).fetchall()

    @contextmanager
    def _optimized(self, wanted: bool) -> Iterator[None]:
        """Over few rows the optimizer takes several times as long as what it saves."""
        if wanted:
            yield
            return
        self._connection.execute("PRAGMA disable_optimizer")
        try:
            yield
        finally:
            self._connection.execute("PRAGMA enable_optimizer")

    def _prepared(self, select: str, kql: str, lookback: timedelta) -> str:
        """The name of the planned statement; a plan reads the moments from a table, so it lasts."""
        key = (select, self._with_functions(kql), lookback)
        if key not in self._plans:
            name = f"plan_{len(self._plans)}"
            sql = f"PREPARE {name} AS {self._statement(select, kql, lookback)}"
            self._kusto.execute(sql, _LATEST, kql)
            self._plans[key] = name
        return self._plans[key]

    def _statement(self, select: str, kql: str, lookback: timedelta) -> str:
        query = re.sub(r"\$kqlnow\b", "_tick.now", self.sql(kql))
        microseconds = lookback // timedelta(microseconds=1)
        columns = "*" if _ARRIVED in query else "* EXCLUDE (_visible_at)"
        views = ", ".join(
            f'"{name}" AS NOT MATERIALIZED (SELECT {columns} FROM store."{name}"'  # noqa: S608
            " WHERE _visible_at <= _tick.seen AND TimeGenerated <= _tick.now"
            f" AND TimeGenerated > _tick.now - to_microseconds({microseconds}))"
            for name in sorted(self.tables_in(kql))
        )
        if views:
            query = f"WITH {views} SELECT * FROM ({query})"  # noqa: S608
        return (
            "SELECT _tick.number, _found.* FROM ticks AS _tick,"  # noqa: S608
            f" LATERAL ({select.replace('{query}', f'({query})')}) AS _found"
        )

    def sql(self, kql: str) -> str:
        """The query in DuckDB's SQL, saved functions included; translated once."""
        text = self._with_functions(kql)
        try:
            return self._kusto.sql(text)
        except KustoError as error:
            raise _in_own_lines(error, text, kql) from error

    def shape(self, kql: str) -> dict[str, str]:
        """Column -> DuckDB type of a query's result; KustoError when it cannot be run."""
        if kql not in self._shapes:
            with self._lock:
                self._look(_LATEST, _LATEST, _LATEST)
                query = self._with_arrival(self.sql(kql))
                sql = f"SELECT * FROM ({query}) LIMIT 0"  # noqa: S608  # translated
                found = self._kusto.execute(sql, _LATEST, kql).description or ()
            self._shapes[kql] = {str(column[0]): str(column[1]) for column in found}
        return self._shapes[kql]

    def take_shape(self, kql: str, like: str) -> None:
        """Spare the question: the result of `kql` has the columns of that of `like`."""
        self._shapes[kql] = self.shape(like)

    def _with_arrival(self, sql: str) -> str:
        """A query that asks when a row arrived sees the tables with that column."""
        if _ARRIVED not in sql:
            return sql
        views = ", ".join(
            f'"{name}" AS (SELECT * FROM store."{name}" WHERE {_SEEN})'  # noqa: S608  # names of tables.json
            for name in self.columns
            if f'"{name}"' in sql
        )
        return f"WITH {views} SELECT * FROM ({sql})"  # noqa: S608  # translated

    def tables_in(self, kql: str) -> frozenset[str]:
        """The tables that a query reads."""
        sql = self.sql(kql)
        if sql not in self._read:
            self._read[sql] = frozenset(name for name in self.columns if f'"{name}"' in sql)
        return self._read[sql]

    def size(self, kql: str) -> int:
        """Rows written so far, seen or not, to the tables that a query reads."""
        return sum(self._sizes[table] for table in self.tables_in(kql))

    def is_quiet(self, kql: str, after: datetime) -> bool:
        """Whether every row that the query could read is known to be no later than `after`."""
        limit = rfc3339.naive_utc(after).isoformat()
        return self._rows > 0 and all(
            self._newest.get(table, "") <= limit for table in self.tables_in(kql)
        )

    def count(self, table: str | None = None) -> int:
        """Rows written so far, seen or not."""
        names = [table] if table else list(self.columns)
        return sum(self._of_store("count(*)", name) for name in names)

    def latest(self) -> datetime | None:
        """The moment from which every row is seen; None without rows."""
        seen = [self._of_store("max(_visible_at)", name) for name in self.columns]
        return rfc3339.utc(max(each for each in seen if each)) if any(seen) else None

    def close(self) -> None:
        """Write what is open to the file and let go of it."""
        with self._lock:
            self._settle()
            self._connection.close()

    def _settle(self) -> None:
        """Rows come a few at a time, an insert costs some milliseconds: they wait for a query."""
        for table, waiting in self._waiting.items():
            if waiting:
                self._insert(table, waiting)
                waiting.clear()

    def _of_store(self, value: str, table: str) -> Any:
        with self._lock:
            self._settle()
            sql = f'SELECT {value} FROM store."{table}"'  # noqa: S608  # names of tables.json
            found = self._connection.execute(sql).fetchone()
        return found[0] if found else None

    def _create(self) -> None:
        self._look(_EARLIEST, None, None)
        statements = ["CREATE SCHEMA IF NOT EXISTS store"]
        for name, columns in self.columns.items():
            body = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in columns.items())
            statements += [
                f'CREATE TABLE IF NOT EXISTS store."{name}" ({body}, _visible_at TIMESTAMP)',
                f'CREATE VIEW IF NOT EXISTS main."{name}" AS SELECT * EXCLUDE (_visible_at)'  # noqa: S608
                f' FROM store."{name}" WHERE {_SEEN}',
            ]
        self._connection.execute("; ".join(statements))

    def _insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        columns = self.columns[table]
        names = set(chain.from_iterable(rows))
        given = [name for name in columns if name in names or columns[name] == "string"]
        structure = {name: _TYPES[columns[name]] for name in given if name in names}
        structure["_visible_at"] = "TIMESTAMP"
        values = [_value(name, columns[name], name in names, table) for name in given]
        into = ", ".join(f'"{name}"' for name in [*given, "_visible_at"])
        # One JSON text per chunk: some 130,000 rows a second, where executemany reaches 1,600.
        self._connection.execute(
            f'INSERT INTO store."{table}" ({into}) SELECT {", ".join(values)}, r._visible_at'  # noqa: S608
            f" FROM (SELECT unnest(from_json(?, '[{json.dumps(structure)}]')) AS r)",
            [json.dumps(rows)],
        )

    def _look(self, seen_at: datetime, start: datetime | None, end: datetime | None) -> None:
        after = start or _EARLIEST
        if self.retention is not None:
            after = max(after, seen_at - self.retention)
        self._connection.execute(
            "; ".join(
                f"SET VARIABLE {name} = {_literal(value)}"
                for name, value in (
                    ("seen_at", seen_at),
                    ("after", after),
                    ("until", end or _LATEST),
                )
            )
        )

    def save(self, function: KqlFunction) -> None:
        """Keep a function that queries can call by its name."""
        self._functions[function.name] = function
        self._forget_texts()

    def forget(self, name: str) -> None:
        """Drop a saved function; one that is not there is no matter."""
        self._functions.pop(name, None)
        self._forget_texts()

    def _forget_texts(self) -> None:
        self._texts.clear()
        self._shapes.clear()

    def _with_functions(self, kql: str) -> str:
        """Saved functions, and `ingestion_time()` as the column that the store has for it."""
        if kql not in self._texts:
            self._texts[kql] = self._joined(kql)
        return self._texts[kql]

    def _joined(self, kql: str) -> str:
        if not self._functions:
            return kql
        declared = {name for name in self._functions if re.search(rf"\blet\s+{name}\b", kql)}
        known = {name: each for name, each in self._functions.items() if name not in declared}
        return "\n".join([*(each.as_let() for each in kql_function.used_by(kql, known)), kql])


def _without_twins(columns: Mapping[str, str]) -> dict[str, str]:
    """DuckDB keeps no two names that differ in case only (AppServiceAppLogs has such a pair)."""
    folded = {name.casefold(): name for name in reversed(list(columns))}
    return {name: kind for name, kind in columns.items() if folded[name.casefold()] == name}


def _literal(value: datetime) -> str:
    return f"TIMESTAMP '{rfc3339.naive_utc(value).isoformat(' ')}'"


def _value(name: str, kind: str, given: bool, table: str) -> str:
    default = f"'{table}'" if name == "Type" else "''"
    if kind != "string":
        return f'r."{name}"'
    return f'coalesce(r."{name}", {default})' if given else default


def _in_own_lines(error: KustoError, text: str, kql: str) -> KustoError:
    """The refusal in the text that somebody wrote, without the functions before it."""
    above = len(text) - len(kql)
    if error.start is None or error.start < above:
        return KustoError(error.message, column=error.column)
    return error.moved(lambda place: place - above, kql)
