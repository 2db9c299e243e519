"""`lab query`: KQL on the rows of the last rehearsal."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from components.content import kql_function
from components.limits.refusal import RefusedError
from lab.kusto.engine import Result
from lab.logs.log_tables import LogTables
from lab.rehearsal import last_rehearsal
from lab.report import result_rows, voice
from lab.verbs.options import Json

SHOWN_ROWS = 200


def command(
    kql: Annotated[
        str | None, typer.Argument(help="A KQL query; '-' reads standard input.")
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    tables: Annotated[
        bool, typer.Option("--tables", help="The tables and functions, with their columns.")
    ] = False,
) -> None:
    """`now()` in the query is the moment at which the last row arrived."""
    if tables:
        _show_tables()
        return
    if kql is None:
        raise RefusedError.of("no query is given", "expected one such as 'LoginEvents | take 5'")
    if as_json and as_csv:
        raise RefusedError.of("--json and --csv are two forms", "expected one of them")
    result = _asked(sys.stdin.read() if kql == "-" else kql)
    if as_json:
        voice.give(result_rows.as_json(result.columns, result.rows))
    elif as_csv:
        voice.give(result_rows.as_csv(result.columns, result.rows))
    else:
        _show(result)


def _asked(kql: str) -> Result:
    rows = last_rehearsal.rows()
    try:
        for function in kql_function.load_all().values():
            rows.save(function)
        return rows.query(kql, rows.latest() or datetime.now(UTC))
    finally:
        rows.close()


def _show(result: Result) -> None:
    rows = result.rows[:SHOWN_ROWS]
    columns = result_rows.telling(result.columns, rows)
    if not rows:
        voice.say("no rows")
    elif result_rows.is_wide(columns, voice.out.width):
        voice.say(result_rows.records(columns, rows))
    else:
        voice.show(result_rows.table(columns, rows))
    if len(result.rows) > SHOWN_ROWS:
        voice.say(f"{len(result.rows)} rows; the first {SHOWN_ROWS} are shown")


def _show_tables() -> None:
    """Functions first: they are what most queries begin with."""
    rows = LogTables()
    functions = kql_function.load_all()
    try:
        for function in functions.values():
            rows.save(function)
        tabular = [name for name, each in functions.items() if not each.parameters]
        for name in tabular:
            voice.say(f"{name}: {', '.join(rows.shape(name))}")
        for name, columns in rows.columns.items():
            voice.say(f"{name}: {', '.join(columns)}")
    finally:
        rows.close()
