"""`lab query`: KQL on the rows of the last rehearsal."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from components.content import kql_function
from lab.rehearsal import last_rehearsal
from lab.report import voice
from lab.report.plain_text import plain

SHOWN_ROWS = 200


def command(
    kql: Annotated[str, typer.Argument(help="A KQL query; '-' reads standard input.")],
) -> None:
    """`now()` in the query is the moment at which the last row arrived."""
    tables = last_rehearsal.rows()
    try:
        for function in kql_function.load_all().values():
            tables.save(function)
        now = tables.latest() or datetime.now(UTC)
        result = tables.query(sys.stdin.read() if kql == "-" else kql, now)
    finally:
        tables.close()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in result.columns:
        table.add_column(plain(column), overflow="fold")
    for row in result.rows[:SHOWN_ROWS]:
        table.add_row(*(plain(row[column]) for column in result.columns))
    voice.show(table)
    if len(result.rows) > SHOWN_ROWS:
        voice.say(f"{len(result.rows)} rows; the first {SHOWN_ROWS} are shown")
