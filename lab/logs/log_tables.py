"""The log tables of a workspace: DuckDB below, KQL above, rows seen from their own moment on."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from components.content.kql_function import KqlFunction
from components.content.log_columns import TABLES
from lab.clock import rfc3339
from lab.kusto.engine import Kusto, Result
from lab.kusto.kusto_error import KustoError
from lab.logs.row_store import LATEST, SEEN, RowStore
from lab.logs.saved_functions import SavedFunctions
from lab.logs.tick_query import ARRIVED, TickQueries, TickQuery


class LogTables(RowStore):
    """The tables of one workspace, asked in KQL."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        read_only: bool = False,
        retention: timedelta | None = None,
        tables: Mapping[str, Mapping[str, str]] = TABLES,
    ) -> None:
        super().__init__(tables, path, read_only=read_only, retention=retention)
        self._kusto = Kusto(self.connection, self.columns)
        self._saved = SavedFunctions()
        self._ticks = TickQueries(self, self._kusto)
        self._shapes: dict[str, dict[str, str]] = {}
        self._read: dict[str, frozenset[str]] = {}

    def query(
        self,
        kql: str,
        now: datetime,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Result:
        """What a client sees at `now` of rows with TimeGenerated in (start, end]; KustoError."""
        with self.lock:
            self.settle()
            self.look(now, start, end)
            text = self._text(kql)
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
        query = TickQuery(select, self._text(kql), self.sql(kql), self.tables_in(kql), lookback)
        return self._ticks.rows(query, moments, seen_at or moments)

    def sql(self, kql: str) -> str:
        """The query in DuckDB's SQL, saved functions included; translated once."""
        text = self._text(kql)
        try:
            return self._kusto.sql(text)
        except KustoError as error:
            raise _in_own_lines(error, text, kql) from error

    def shape(self, kql: str) -> dict[str, str]:
        """Column -> DuckDB type of a query's result; KustoError when it cannot be run."""
        if kql not in self._shapes:
            with self.lock:
                self.look(LATEST, LATEST, LATEST)
                query = self._with_arrival(self.sql(kql))
                found = self._kusto.execute(f"DESCRIBE {query}", LATEST, kql).fetchall()
            self._shapes[kql] = {str(column[0]): str(column[1]) for column in found}
        return self._shapes[kql]

    def take_shape(self, kql: str, like: str) -> None:
        """Spare the question: the result of `kql` has the columns of that of `like`."""
        self._shapes[kql] = self.shape(like)

    def _with_arrival(self, sql: str) -> str:
        """A query that asks when a row arrived sees the tables with that column."""
        if ARRIVED not in sql:
            return sql
        views = ", ".join(
            f'"{name}" AS (SELECT * FROM store."{name}" WHERE {SEEN})'  # noqa: S608  # names of tables.json
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
        return self.written(self.tables_in(kql))

    def is_quiet(self, kql: str, after: datetime) -> bool:
        """Whether every row that the query could read is known to be no later than `after`."""
        limit = rfc3339.naive_utc(after).isoformat()
        return self.written() > 0 and self.newest(self.tables_in(kql)) <= limit

    def save(self, function: KqlFunction) -> None:
        """Keep a function that queries can call by its name."""
        self._saved.save(function)
        self._shapes.clear()

    def forget(self, name: str) -> None:
        """Drop a saved function; one that is not there is no matter."""
        self._saved.forget(name)
        self._shapes.clear()

    def _text(self, kql: str) -> str:
        return self._saved.text(kql)


def _in_own_lines(error: KustoError, text: str, kql: str) -> KustoError:
    """The refusal in the text that somebody wrote, without the functions before it."""
    above = len(text) - len(kql)
    if error.start is None or error.start < above:
        return KustoError(error.message, column=error.column)
    return error.moved(lambda place: place - above, kql)
