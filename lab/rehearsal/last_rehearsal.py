"""The rows that the last rehearsal left behind."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from components.content.detection import Detection
from lab.clock import rfc3339
from lab.host.lab_folder import lab_folder
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables
from lab.rehearsal.run_folder import is_finished
from lab.report import voice

_END: Final = datetime(9999, 1, 1, tzinfo=UTC)


def rows(folder: Path | None = None) -> LogTables:
    """The tables, for reading; KustoError says why there are none."""
    folder = folder or lab_folder() / "run"
    found = sorted(folder.glob("*.duckdb"))
    if not found:
        raise KustoError(f"no rows in {folder}; run a rehearsal first (make lab)")
    if not is_finished(folder):
        voice.note("the last rehearsal did not come to its end: these rows are not all", "yellow")
    try:
        return LogTables(found[0], read_only=True)
    except duckdb.Error:
        raise KustoError(
            f"the rows in {folder} are in use or not finished;"
            " end the rehearsal that writes them, or run one (make lab)"
        ) from None


def span(tables: LogTables, detection: Detection) -> tuple[datetime, datetime]:
    """From the first row of the tables that a detection reads until the last has arrived."""
    ends: list[str] = []
    for name in detection.tables:
        kql = f"{name} | summarize First = min(TimeGenerated), Last = max(TimeGenerated)"
        for row in tables.query(kql, _END).rows:
            ends += [str(value) for value in row.values() if value]
    if not ends:
        raise KustoError(
            f"the last rehearsal has no rows in {', '.join(detection.tables)};"
            f" run one with its attack (python -m lab rehearse --only {detection.slug})"
        )
    last = rfc3339.parse(max(ends))
    return rfc3339.parse(min(ends)), max(last, tables.latest() or last)
