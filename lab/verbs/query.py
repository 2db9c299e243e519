"""`lab query`: KQL on the rows of the last rehearsal."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from components import kql_function
from lab.azure.log_tables import LogTables
from lab.kusto import KustoError
from lab.rehearsal import PROGRAM
from lab.report.plain_text import plain

SHOWN_ROWS = 200
RUN = PROGRAM / ".lab" / "run"


def run(kql: str, *, out: Console) -> None:
    """`now()` in the query is the moment at which the last row arrived."""
    tables = _last_rows(RUN)
    try:
        tables.functions.update(kql_function.load_all())
        result = tables.query(kql, tables.latest() or datetime.now(UTC))
    finally:
        tables.close()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in result.columns:
        table.add_column(plain(column), overflow="fold")
    for row in result.rows[:SHOWN_ROWS]:
        table.add_row(*(plain(row[column]) for column in result.columns))
    out.print(table)
    if len(result.rows) > SHOWN_ROWS:
        out.print(f"{len(result.rows)} rows; the first {SHOWN_ROWS} are shown")


def _last_rows(folder: Path) -> LogTables:
    found = sorted(folder.glob("*.duckdb"))
    if not found:
        raise KustoError(f"no rows in {folder}; run a rehearsal first (make lab)")
    try:
        return LogTables(found[0], read_only=True)
    except duckdb.Error:
        raise KustoError(
            f"the rows in {folder} are in use or not finished;"
            " end the rehearsal that writes them, or run one (make lab)"
        ) from None
