"""Recorded log rows, one JSON object a line, as exports and `lab replay` have them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from components.limits.refusal import NOWHERE, Place, Refusal, RefusedError
from lab.clock import rfc3339
from lab.logs import export_formats
from lab.logs.log_tables import LogTables

Refused = list[tuple[int, Refusal]]
"""Line number, from 1, and reason."""


_YEARS = range(2000, 2200)


@dataclass(frozen=True)
class LogLine:
    """A row that its table accepts, and when it is seen there."""

    table: str
    generated: datetime
    seen: datetime
    text: str
    values: dict[str, Any]


def read(
    lines: Iterable[str | bytes], tables: LogTables, ingestion_delay: timedelta
) -> tuple[list[LogLine], Refused]:
    """In order of time whatever the order of the lines; a bad line does not stop the rest."""
    found: list[LogLine] = []
    refused: Refused = []
    for number, line in enumerate(lines, start=1):
        try:
            text = (line.decode("utf-8-sig") if isinstance(line, bytes) else line).strip()
            if text:
                found.append(_read(text.removeprefix("\ufeff"), tables, ingestion_delay))
        except UnicodeDecodeError:
            wrong = Refusal(NOWHERE, "is not UTF-8", "expected a JSON object in UTF-8")
            refused.append((number, wrong))
        except RefusedError as error:
            refused.append((number, error.refusals[0]))
    # The text breaks ties, so that shuffled lines give the very same tables.
    found.sort(key=lambda row: (row.generated, row.seen, row.table, row.text))
    return found, refused


def read_export(
    lines: Iterable[str | bytes],
    tables: LogTables,
    ingestion_delay: timedelta,
    table: str | None = None,
) -> tuple[list[LogLine], Refused, list[str]]:
    """`read` for what Azure's tools write: rows, refusals, and what is told once for the file."""
    export = export_formats.read(lines, tables.columns, table)
    found: list[LogLine] = []
    for number, row in export.rows:
        try:
            found.append(_line(row, json.dumps(row, sort_keys=True), tables, ingestion_delay))
        except RefusedError as error:
            export.refused.append((number, error.refusals[0]))
    found.sort(key=lambda row: (row.generated, row.seen, row.table, row.text))
    return found, sorted(export.refused, key=lambda each: each[0]), export.notes


def _read(text: str, tables: LogTables, ingestion_delay: timedelta) -> LogLine:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = f"is not JSON: {export_formats.reason(error)}"
        raise RefusedError.of(what, "expected one object a line") from error
    if not isinstance(row, dict):
        raise RefusedError.of(f"is a {type(row).__name__}", "expected a JSON object")
    return _line(row, text, tables, ingestion_delay)


def _line(row: dict[str, Any], text: str, tables: LogTables, ingestion_delay: timedelta) -> LogLine:
    table = row.pop("_table", None) or row.get("Type")
    if not isinstance(table, str):
        expected = 'expected "_table": "<name of a log table>"'
        raise RefusedError.of("has no table", expected)
    received = row.get("_TimeReceived")
    known = tables.columns.get(table, {})
    # Columns of Azure's own (_ItemId, _TimeReceived, ...) say nothing that a rule could read.
    own = {name: value for name, value in row.items() if name in known or name[:1] != "_"}
    values = tables.accept(table, own)
    generated = rfc3339.utc(datetime.fromisoformat(values["TimeGenerated"]))
    if generated.year not in _YEARS:
        what = f"{generated:%Y-%m-%d} is not the time of a log"
        where = Place(resource=table, key="TimeGenerated")
        raise RefusedError(Refusal(where, what, "expected 2000 to 2199"))
    if received is None:
        return LogLine(table, generated, generated + ingestion_delay, text, values)
    if not isinstance(received, str):
        where = Place(resource=table, key="_TimeReceived")
        raise RefusedError(Refusal(where, "does not fit", "expected RFC 3339", received))
    try:
        seen = rfc3339.parse(received)
    except ValueError as error:
        where = Place(resource=table, key="_TimeReceived")
        raise RefusedError(Refusal(where, "does not fit", "expected RFC 3339", received)) from error
    return LogLine(table, generated, seen, text, values)
