"""`lab query`: KQL on the rows of the last rehearsal."""

from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from components.content import kql_function
from lab.rehearsal import last_rehearsal
from lab.rehearsal.last_rehearsal import RUN
from lab.report.plain_text import plain

SHOWN_ROWS = 200


def run(kql: str, *, out: Console) -> None:
    """`now()` in the query is the moment at which the last row arrived."""
    tables = last_rehearsal.rows(RUN)
    try:
        for function in kql_function.load_all().values():
            tables.save(function)
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
