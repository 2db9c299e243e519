"""A query at many moments in one statement, planned once."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lab.kusto.engine import Kusto
from lab.logs.row_store import LATEST, RowStore, literal

ARRIVED: Final = '"_visible_at"'
"""In SQL: the query asks when a row has arrived."""
_FEW: Final = 20_000
"""Rows; over fewer, most of the optimizer's work takes longer than what it saves."""
_UNUSED_COLUMNS: Final = "unused_columns"
"""The optimizer that pays over few rows too: else each rule reads every field of an event."""


@dataclass(frozen=True)
class TickQuery:
    """A query with what is selected of its result, `{query}` in `select`.

    `sql` is `kql` translated; `tables` are those that it reads.
    """

    select: str
    kql: str
    sql: str
    tables: frozenset[str]
    lookback: timedelta

    def statement(self) -> str:
        """It reads the moments from the table `ticks`, so that its plan lasts."""
        query = re.sub(r"\$kqlnow\b", "_tick.now", self.sql)
        microseconds = self.lookback // timedelta(microseconds=1)
        columns = "*" if ARRIVED in query else "* EXCLUDE (_visible_at)"
        views = ", ".join(
            f'"{name}" AS NOT MATERIALIZED (SELECT {columns} FROM store."{name}"'  # noqa: S608
            " WHERE _visible_at <= _tick.seen AND TimeGenerated <= _tick.now"
            f" AND TimeGenerated > _tick.now - to_microseconds({microseconds}))"
            for name in sorted(self.tables)
        )
        if views:
            query = f"WITH {views} SELECT * FROM ({query})"  # noqa: S608
        return (
            "SELECT _tick.number, _found.* FROM ticks AS _tick,"  # noqa: S608
            f" LATERAL ({self.select.replace('{query}', f'({query})')}) AS _found"
        )


class TickQueries:
    """The plans of one store: to plan a rule's query takes much longer than to run it."""

    def __init__(self, store: RowStore, kusto: Kusto) -> None:
        self._store = store
        self._kusto = kusto
        self._plans: dict[TickQuery, str] = {}
        optimizers = store.connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()
        unwanted = ",".join(str(name) for (name,) in optimizers if name != _UNUSED_COLUMNS)
        self._one_optimizer = f"SET disabled_optimizers='{unwanted}'"
        store.connection.execute(
            "CREATE TEMP TABLE ticks(number INTEGER, now TIMESTAMP, seen TIMESTAMP)"
        )

    def rows(
        self, query: TickQuery, moments: Sequence[datetime], seen_at: Sequence[datetime]
    ) -> list[tuple[Any, ...]]:
        """The number of the moment before each row; rows have arrived by the moment's `seen_at`."""
        ticks = ", ".join(
            f"({number}, {literal(now)}, {literal(seen)})"
            for number, (now, seen) in enumerate(zip(moments, seen_at, strict=True))
        )
        with self._store.lock, self._optimized():
            self._store.settle()
            name = self._prepared(query)
            insert = f"DELETE FROM ticks; INSERT INTO ticks VALUES {ticks}"  # noqa: S608
            self._store.connection.execute(insert)
            return self._kusto.execute(f"EXECUTE {name}", moments[-1], query.kql).fetchall()

    def _prepared(self, query: TickQuery) -> str:
        """The name of the planned statement."""
        if query not in self._plans:
            name = f"plan_{len(self._plans)}"
            self._kusto.execute(f"PREPARE {name} AS {query.statement()}", LATEST, query.kql)
            self._plans[query] = name
        return self._plans[query]

    @contextmanager
    def _optimized(self) -> Iterator[None]:
        connection = self._store.connection
        if self._store.written() > _FEW:
            yield
            return
        connection.execute(self._one_optimizer)
        try:
            yield
        finally:
            connection.execute("RESET disabled_optimizers")
