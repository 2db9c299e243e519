"""The rows of a store can be written, and read again as they were."""

from datetime import UTC, datetime, timedelta

from lab.logs import log_lines
from lab.logs.log_tables import LogTables

SEEN = datetime(2026, 1, 5, 8, 13, tzinfo=UTC)


def test_rows_are_written_and_read_again_as_they_were() -> None:
    tables = LogTables()
    row = {"TimeGenerated": "2026-01-05T08:10:00.25Z", "CIp": "ü", "ScStatus": 200}
    tables.write("AppServiceHTTPLogs", [row], SEEN)
    written = list(tables.lines())
    (read,), refused, notes = log_lines.read_export(written, tables, timedelta(0))
    tables.close()
    assert (refused, notes) == ([], [])
    assert (read.table, read.seen) == ("AppServiceHTTPLogs", SEEN)
    assert read.values["TimeGenerated"] == "2026-01-05T08:10:00.250000"
    assert (read.values["CIp"], read.values["ScStatus"]) == ("ü", 200)
