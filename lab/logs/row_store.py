"""The rows of a workspace, in DuckDB; each is seen from its own moment on."""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Final

import duckdb_kql

from components.limits.refusal import Place, Refusal, RefusedError, nearest
from lab.clock import rfc3339
from lab.logs.log_row import converted

EARLIEST: Final = datetime(1000, 1, 1, tzinfo=UTC)  # a retention can still be taken off it
LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
SEEN: Final = (
    "_visible_at <= getvariable('seen_at') AND TimeGenerated > getvariable('after')"
    " AND TimeGenerated <= getvariable('until')"
)
"""Which rows of a stored table a client sees; `RowStore.look` sets the variables."""
_CHUNK: Final = 20_000
_TYPES: Final = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
}


class RowStore:
    """Stored tables in the schema `store`, and views of what is seen; safe among threads.

    `path` keeps them in a file, which a later store can read with `read_only`. `retention` hides
    what is older.
    """

    def __init__(
        self,
        tables: Mapping[str, Mapping[str, str]],
        path: Path | None = None,
        *,
        read_only: bool = False,
        retention: timedelta | None = None,
    ) -> None:
        self.retention = retention
        self.columns = {name: _without_twins(columns) for name, columns in tables.items()}
        self.lock = threading.RLock()
        self.connection = duckdb_kql.connect(str(path) if path else ":memory:", read_only=read_only)
        self.connection.execute("SET threads=1")  # make_set and take keep one order
        self.connection.execute("SET enable_progress_bar=false")  # it would go to stdout
        self._written: Counter[str] = Counter()
        self._newest: dict[str, str] = {}
        self._waiting: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        if not read_only:
            self._create()

    def write(
        self,
        table: str,
        rows: Iterable[Mapping[str, Any]],
        visible_at: datetime | Iterable[datetime],
    ) -> int:
        """Add rows, all seen from one moment or each from its own; RefusedError adds none."""
        moments = repeat(visible_at) if isinstance(visible_at, datetime) else visible_at
        ready = [(self.accept(table, row), seen) for row, seen in zip(rows, moments, strict=False)]
        self.store(table, ready)
        return len(ready)

    def accept(self, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row as `store` takes it; RefusedError names table, column and what is expected."""
        columns = self.columns.get(table)
        if columns is None:
            where, expected = Place(key="_table"), nearest(table, self.columns)
            raise RefusedError(Refusal(where, "is not a log table", expected, table))
        return converted(table, columns, row)

    def store(self, table: str, ready: Iterable[tuple[Mapping[str, Any], datetime]]) -> None:
        """Keep accepted rows, each with the moment from which it is seen."""
        with self.lock:
            waiting = self._waiting[table]
            for row, seen in ready:
                self._written[table] += 1
                generated = str(row.get("TimeGenerated") or "")
                self._newest[table] = max(self._newest.get(table, ""), generated)
                waiting.append({**row, "_visible_at": rfc3339.naive_utc(seen).isoformat()})
                if len(waiting) >= _CHUNK:
                    self._insert(table, waiting)
                    waiting.clear()

    def written(self, tables: Iterable[str] | None = None) -> int:
        """Rows that this store was given, seen or not; of all tables by default."""
        return sum(self._written[name] for name in (self.columns if tables is None else tables))

    def newest(self, tables: Iterable[str]) -> str:
        """The latest TimeGenerated that was given to them, in ISO 8601; '' for none."""
        return max((self._newest.get(name, "") for name in tables), default="")

    def count(self, table: str | None = None) -> int:
        """Rows written so far, seen or not."""
        names = [table] if table else list(self.columns)
        return sum(self._of_store("count(*)", name) for name in names)

    def latest(self) -> datetime | None:
        """The moment from which every row is seen; None without rows."""
        seen = [self._of_store("max(_visible_at)", name) for name in self.columns]
        return rfc3339.utc(max(each for each in seen if each)) if any(seen) else None

    def lines(self) -> Iterator[str]:
        """Every row as a line of JSON with its table, and the moment at which it arrived."""
        for table in self.columns:
            with self.lock:
                self.settle()
                found = self.connection.execute(
                    f'SELECT to_json(_row) FROM store."{table}" AS _row ORDER BY TimeGenerated'  # noqa: S608
                ).fetchall()
            for (text,) in found:
                given = json.loads(text)
                row = {name: each for name, each in given.items() if each not in ("", None)}
                for name in ("TimeGenerated", "_visible_at"):
                    row[name] = f"{row[name].replace(' ', 'T')}Z"
                seen = row.pop("_visible_at")
                line = {"_table": table, **row, "_TimeReceived": seen}
                yield json.dumps(line, ensure_ascii=False)

    def close(self) -> None:
        """Write what is open to the file and let go of it."""
        with self.lock:
            self.settle()
            self.connection.close()

    def settle(self) -> None:
        """Rows come a few at a time, an insert costs some milliseconds: they wait for a query."""
        for table, waiting in self._waiting.items():
            if waiting:
                self._insert(table, waiting)
                waiting.clear()

    def look(self, seen_at: datetime, start: datetime | None, end: datetime | None) -> None:
        """Set what queries see at a moment, of rows with TimeGenerated in (start, end]."""
        after = start or EARLIEST
        if self.retention is not None:
            after = max(after, seen_at - self.retention)
        self.connection.execute(
            "; ".join(
                f"SET VARIABLE {name} = {literal(value)}"
                for name, value in (
                    ("seen_at", seen_at),
                    ("after", after),
                    ("until", end or LATEST),
                )
            )
        )

    def _of_store(self, value: str, table: str) -> Any:
        with self.lock:
            self.settle()
            sql = f'SELECT {value} FROM store."{table}"'  # noqa: S608  # names of tables.json
            found = self.connection.execute(sql).fetchone()
        return found[0] if found else None

    def _create(self) -> None:
        self.look(EARLIEST, None, None)
        statements = ["CREATE SCHEMA IF NOT EXISTS store"]
        for name, columns in self.columns.items():
            body = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in columns.items())
            statements += [
                f'CREATE TABLE IF NOT EXISTS store."{name}" ({body}, _visible_at TIMESTAMP)',
                f'CREATE VIEW IF NOT EXISTS main."{name}" AS SELECT * EXCLUDE (_visible_at)'  # noqa: S608
                f' FROM store."{name}" WHERE {SEEN}',
            ]
        self.connection.execute("; ".join(statements))

    def _insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        columns = self.columns[table]
        names = set(chain.from_iterable(rows))
        given = [name for name in columns if name in names or columns[name] == "string"]
        structure = {name: _TYPES[columns[name]] for name in given if name in names}
        structure["_visible_at"] = "TIMESTAMP"
        values = [_value(name, columns[name], name in names, table) for name in given]
        into = ", ".join(f'"{name}"' for name in [*given, "_visible_at"])
        # One JSON text per chunk: some 130,000 rows a second, where executemany reaches 1,600.
        self.connection.execute(
            f'INSERT INTO store."{table}" ({into}) SELECT {", ".join(values)}, r._visible_at'  # noqa: S608
            f" FROM (SELECT unnest(from_json(?, '[{json.dumps(structure)}]')) AS r)",
            [json.dumps(rows)],
        )


def literal(value: datetime) -> str:
    """A moment in SQL."""
    return f"TIMESTAMP '{rfc3339.naive_utc(value).isoformat(' ')}'"


def _without_twins(columns: Mapping[str, str]) -> dict[str, str]:
    """DuckDB keeps no two names that differ in case only (AppServiceAppLogs has such a pair)."""
    folded = {name.casefold(): name for name in reversed(list(columns))}
    return {name: kind for name, kind in columns.items() if folded[name.casefold()] == name}


def _value(name: str, kind: str, given: bool, table: str) -> str:
    default = f"'{table}'" if name == "Type" else "''"
    if kind != "string":
        return f'r."{name}"'
    return f'coalesce(r."{name}", {default})' if given else default
