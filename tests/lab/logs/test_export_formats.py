"""What Azure's own tools export is taken; what is no export is refused once."""

import json
from datetime import timedelta
from typing import Any

import pytest

from lab.logs import log_lines
from lab.logs.log_lines import LogLine
from lab.logs.log_tables import LogTables

ROW = {
    "CIp": "198.51.100.7",
    "CsMethod": "GET",
    "CsUriStem": "/a",
    "ScStatus": 401,
    "TimeTaken": 12,
}
AT = "2026-01-05T08:00:00.5Z"
TABLE = "AppServiceHTTPLogs"
NAMED: dict[str, Any] = {"TimeGenerated": AT, **ROW}


def read(
    text: str, table: str | None = None
) -> tuple[list[LogLine], list[tuple[int, str]], list[str]]:
    tables = LogTables()
    try:
        lines = text.splitlines(keepends=True)
        rows, refused, notes = log_lines.read_export(lines, tables, timedelta(0), table)
        return rows, [(number, str(each)) for number, each in refused], notes
    finally:
        tables.close()


def rest() -> str:
    columns = [{"name": name, "type": "string"} for name in NAMED]
    table = {"name": "PrimaryResult", "columns": columns, "rows": [list(NAMED.values())] * 3}
    return json.dumps({"tables": [table]}, indent=1)


def archived() -> str:
    line = {
        "time": AT,
        "resourceId": "/SUBSCRIPTIONS/S",
        "category": TABLE,
        "properties": json.dumps(ROW),
    }
    return "\n".join([json.dumps(line)] * 3)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(rest(), id="query-api"),
        pytest.param(
            json.dumps(
                [{**{k: str(v) for k, v in NAMED.items()}, "TableName": "PrimaryResult"}] * 3,
                indent=1,
            ),
            id="az",
        ),
        pytest.param(
            "TimeGenerated [UTC],CIp,CsMethod,CsUriStem,ScStatus,TimeTaken\n"
            + '"1/5/2026, 8:00:00.500 AM",198.51.100.7,GET,/a,401,12\n' * 3,
            id="portal",
        ),
        pytest.param(archived(), id="storage"),
        pytest.param("\n".join([json.dumps({**NAMED, "Type": TABLE})] * 3), id="data-export"),
        pytest.param("\ufeff" + "\n".join([json.dumps({**NAMED, "_table": TABLE})] * 3), id="own"),
    ],
)
def test_what_azure_exports_is_taken(text: str) -> None:
    rows, refused, _ = read(text)
    assert refused == []
    assert [row.table for row in rows] == [TABLE] * 3
    assert rows[0].values["ScStatus"] == 401
    assert rows[0].generated.isoformat() == "2026-01-05T08:00:00.500000+00:00"


def test_an_unknown_column_is_told_once_and_refuses_nothing() -> None:
    line = json.dumps({**NAMED, "_table": TABLE, "Colour": "red"})
    rows, refused, notes = read(f"{line}\n{line}\n")
    assert (len(rows), refused) == (2, [])
    assert notes == [f"{TABLE} has no column Colour: left out"]


def test_rows_without_a_table_take_the_one_that_is_given() -> None:
    text = json.dumps({"TimeGenerated": AT, "ResultDescription": "x"})
    assert read(text)[1][0][1].startswith("has no table; expected --table")
    assert read(text, "AppServiceConsoleLogs")[0][0].table == "AppServiceConsoleLogs"


def test_a_file_of_something_else_is_refused_in_one_message() -> None:
    rows, refused, _ = read("root:x:0:0\ndaemon:x:1:1\n" * 50)
    assert rows == []
    assert len(refused) == 1
    assert "expected JSON lines" in refused[0][1]
