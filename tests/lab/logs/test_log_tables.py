"""The log tables: what can be written, and from when on it is seen."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.content.kql_function import KqlFunction
from components.content.log_columns import TABLES
from components.limits.refusal import RefusedError
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
LATER = T0 + timedelta(days=1)
CONSOLE = "AppServiceConsoleLogs"


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def a_row(**changes: Any) -> dict[str, Any]:
    return {"TimeGenerated": "2026-01-05T08:00:00Z", "ResultDescription": "hello", **changes}


@pytest.fixture
def tables() -> Iterator[LogTables]:
    made = LogTables()
    yield made
    made.close()


def values(tables: LogTables, kql: str, now: datetime = LATER) -> list[Any]:
    return [next(iter(row.values())) for row in tables.query(kql, now).rows]


def test_a_row_is_not_seen_before_it_has_arrived(tables: LogTables) -> None:
    tables.write(CONSOLE, [a_row()], at(3))
    assert values(tables, f"{CONSOLE} | count", at(2.999)) == [0]
    assert values(tables, f"{CONSOLE} | count", at(3)) == [1]


def test_a_time_range_leaves_its_start_out_and_takes_its_end_in(tables: LogTables) -> None:
    for minute in (0, 1, 2):
        tables.write(CONSOLE, [a_row(TimeGenerated=at(minute), Level=str(minute))], T0)
    found = tables.query(f"{CONSOLE} | project Level", LATER, start=at(0), end=at(2)).rows
    assert sorted(row["Level"] for row in found) == ["1", "2"]


def test_each_row_of_a_batch_may_arrive_at_its_own_time(tables: LogTables) -> None:
    tables.write(CONSOLE, [a_row(Level="a"), a_row(Level="b")], [at(1), at(5)])
    assert values(tables, f"{CONSOLE} | project Level", at(2)) == ["a"]


def test_now_is_the_labs_time_and_ago_counts_from_it(tables: LogTables) -> None:
    tables.write(CONSOLE, [a_row()], T0)
    assert values(tables, "print now()", at(7)) == ["2026-01-05T08:07:00Z"]
    assert values(tables, f"{CONSOLE} | where TimeGenerated > ago(5m) | count", at(4)) == [1]
    assert values(tables, f"{CONSOLE} | where TimeGenerated > ago(5m) | count", at(6)) == [0]


def test_what_is_not_given_is_empty_text_or_null_as_in_kusto(tables: LogTables) -> None:
    tables.write("AppServiceHTTPLogs", [{"TimeGenerated": T0, "CIp": None}], T0)
    row = tables.query("AppServiceHTTPLogs", LATER).rows[0]
    assert row["CIp"] == ""
    assert row["ScStatus"] is None
    assert row["Type"] == "AppServiceHTTPLogs"


def test_every_type_of_column_comes_back_as_plain_python(tables: LogTables) -> None:
    given = {
        "TimeGenerated": "2026-01-05T08:00:00.1234567Z",
        "Success": True,
        "DurationMs": 12.5,
        "ItemCount": 3,
        "Properties": {"account": "o'brien", "n": [1, 2]},
        "Name": "POST /login",
    }
    tables.write("AppRequests", [given], T0)
    row = tables.query("AppRequests", LATER).rows[0]
    expected = {**given, "TimeGenerated": "2026-01-05T08:00:00.123456Z"}
    assert {name: row[name] for name in given} == expected
    json.dumps(row)


def test_dynamic_text_that_is_json_is_read_as_json(tables: LogTables) -> None:
    for text in ('{"a": {"b": 7}}', "{no json"):
        tables.write("AppTraces", [{"TimeGenerated": T0, "Properties": text}], T0)
    assert values(tables, "AppTraces | project toint(Properties.a.b)") == [7, None]


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        ("AppServiceConsoleLog", a_row(), ["AppServiceConsoleLog", "'AppServiceConsoleLogs'?"]),
        (CONSOLE, a_row(LogLevel="Error"), ["LogLevel is not a column", "'Level'?", CONSOLE]),
        (CONSOLE, {"Level": "Error"}, ["TimeGenerated is missing", CONSOLE]),
        (CONSOLE, a_row(TimeGenerated="yesterday"), ["TimeGenerated", "'yesterday'", "RFC 3339"]),
        (CONSOLE, a_row(TimeGenerated=5), ["TimeGenerated", "5", "RFC 3339"]),
        ("AppServiceHTTPLogs", {"TimeGenerated": T0, "ScStatus": "ok"}, ["ScStatus", "'ok'"]),
        ("AppServiceHTTPLogs", {"TimeGenerated": T0, "ScStatus": 2**31}, ["32 bits"]),
        ("AppServiceHTTPLogs", {"TimeGenerated": T0, "ScStatus": True}, ["ScStatus", "True"]),
        ("AppServiceHTTPLogs", {"TimeGenerated": T0, "ScStatus": 4.5}, ["ScStatus", "4.5"]),
        ("AppRequests", {"TimeGenerated": T0, "DurationMs": float("nan")}, ["DurationMs"]),
        ("AppRequests", {"TimeGenerated": T0, "Success": "maybe"}, ["Success", "true or false"]),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_name(
    tables: LogTables, table: str, row: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(RefusedError) as caught:
        tables.write(table, [row], T0)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert "\n" not in message


def test_a_bad_row_keeps_the_good_ones_of_its_batch_out(tables: LogTables) -> None:
    with pytest.raises(RefusedError):
        tables.write(CONSOLE, [a_row(), a_row(Oops=1)], T0)
    assert tables.count() == 0


@given(st.lists(st.text(), max_size=5))
def test_any_text_can_be_logged(texts: list[str]) -> None:
    tables = LogTables(tables={CONSOLE: TABLES[CONSOLE]})
    tables.write(CONSOLE, [a_row(ResultDescription=text) for text in texts], T0)
    found = values(tables, f"{CONSOLE} | project ResultDescription")
    tables.close()
    assert found == [text.encode("utf-8", "replace").decode() for text in texts]


def test_a_lone_surrogate_is_replaced_not_fatal(tables: LogTables) -> None:
    tables.write(CONSOLE, [a_row(ResultDescription="a\ud800b")], T0)
    assert values(tables, f"{CONSOLE} | project ResultDescription") == ["a?b"]


def test_rows_older_than_the_retention_are_gone() -> None:
    tables = LogTables(retention=timedelta(days=30))
    tables.write(CONSOLE, [a_row()], T0)
    assert values(tables, f"{CONSOLE} | count", T0 + timedelta(days=29)) == [1]
    assert values(tables, f"{CONSOLE} | count", T0 + timedelta(days=30)) == [0]
    tables.close()


def test_tables_kept_in_a_file_can_be_read_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "workspace.duckdb"
    first = LogTables(path)
    first.write(CONSOLE, [a_row()], at(3))
    first.close()
    second = LogTables(path, read_only=True)
    assert second.latest() == at(3)
    assert values(second, f"{CONSOLE} | project ResultDescription", at(3)) == ["hello"]
    second.close()


def test_there_is_no_latest_moment_without_rows(tables: LogTables) -> None:
    assert tables.latest() is None
    assert tables.count() == 0


def test_a_large_batch_arrives_whole(tables: LogTables) -> None:
    rows = [a_row(Level=str(number)) for number in range(45_000)]
    assert tables.write(CONSOLE, rows, T0) == 45_000
    assert tables.count(CONSOLE) == 45_000
    assert values(tables, f"{CONSOLE} | summarize dcount(Level)") == [45_000]


def test_saved_functions_can_be_called_by_name(tables: LogTables) -> None:
    tables.save(KqlFunction("Hello", "", f"{CONSOLE} | where Level == 'x'", ""))
    tables.write(CONSOLE, [a_row(Level="x"), a_row(Level="y")], T0)
    assert values(tables, "Hello | count") == [1]
    assert values(tables, "let Hello = print 7; Hello") == [7], "the query's own comes first"


def test_a_function_saved_anew_is_the_one_that_is_called(tables: LogTables) -> None:
    for number in (1, 2):
        tables.save(KqlFunction("Hello", "", f"print n{number} = {number}", ""))
        assert values(tables, "Hello") == [number]
        assert list(tables.shape("Hello")) == [f"n{number}"]
    tables.forget("Hello")
    with pytest.raises(KustoError):
        tables.query("Hello", LATER)


def test_an_error_below_saved_functions_names_the_line_of_the_query(tables: LogTables) -> None:
    tables.save(KqlFunction("Hello", "", f"{CONSOLE}\n| take 1", ""))
    with pytest.raises(KustoError) as caught:
        tables.query("Hello\n| where Mesage == ''", LATER)
    assert caught.value.line == 2


def test_the_shape_of_a_result_is_known_without_rows(tables: LogTables) -> None:
    shape = tables.shape("AppServiceHTTPLogs | summarize n = count() by CIp")
    assert shape == {"CIp": "VARCHAR", "n": "BIGINT"}


def test_the_tables_of_a_query_are_found_in_joins_and_functions(tables: LogTables) -> None:
    kql = f"let A = {CONSOLE} | take 1; AppServiceHTTPLogs | join A on _ResourceId"
    assert tables.tables_in(kql) == {CONSOLE, "AppServiceHTTPLogs"}


REPRESENTATIVE = [
    "AppServiceHTTPLogs | summarize n = count()",
    "AppServiceHTTPLogs | top 3 by TimeGenerated desc | project CIp, TimeGenerated",
    "AppServiceHTTPLogs | where TimeGenerated > ago(4m) | summarize count() by CIp",
    "AppServiceHTTPLogs | summarize arg_max(TimeGenerated, CsUriStem) by CIp",
    "AppServiceHTTPLogs | join kind=leftouter"
    " (AppServiceHTTPLogs | where ScStatus == 404 | summarize e = count() by CIp) on CIp"
    " | summarize n = count(), e = max(e) by CIp",
    "AppServiceHTTPLogs | join kind=leftanti"
    " (AppServiceHTTPLogs | where ScStatus == 404) on CIp | summarize count() by CIp",
    "let Bad = AppServiceHTTPLogs | where ScStatus == 404 | distinct CIp;"
    " AppServiceHTTPLogs | where CIp in (Bad) | count",
    "let Last = toscalar(AppServiceHTTPLogs | summarize max(TimeTaken));"
    " AppServiceHTTPLogs | where TimeTaken == Last | project TimeTaken",
    "union AppServiceHTTPLogs, AppServiceConsoleLogs | summarize count() by Type",
    "AppServiceHTTPLogs | extend Codes = pack_array(ScStatus, 1) | mv-expand Codes to typeof(int)"
    " | summarize count() by Codes",
    "AppServiceHTTPLogs | summarize dcount(CIp), percentile(TimeTaken, 50)"
    " by bin(TimeGenerated, 5m)",
    "print Answer = 42",
]


@pytest.mark.parametrize("kql", REPRESENTATIVE)
def test_many_moments_in_one_statement_give_what_each_alone_gives(
    tables: LogTables, kql: str
) -> None:
    rows = [
        {
            "TimeGenerated": at(number * 0.7),
            "CIp": f"192.0.2.{number * 7 % 5}",
            "ScStatus": 404 if number % 3 == 0 else 200,
            "TimeTaken": number * 31 % 97,
            "CsUriStem": f"/{number}",
        }
        for number in range(60)
    ]
    tables.write("AppServiceHTTPLogs", rows, [at(number * 0.7 + 3) for number in range(60)])
    lookback = timedelta(minutes=10)
    moments = [at(minute) for minute in range(-5, 60, 5)]
    together = tables.fetch("SELECT * FROM {query}", kql, moments, lookback)
    for number, now in enumerate(moments):
        alone = tables.query(kql, now, start=now - lookback, end=now)
        mine = [row[1:] for row in together if row[0] == number]
        assert sorted(map(_plain, mine)) == sorted(map(_plain, (r.values() for r in alone.rows)))
    assert len({row[0] for row in together}) > 1


def _plain(row: Any) -> str:
    from lab.clock.rfc3339 import rfc3339

    return repr([rfc3339(each) if isinstance(each, datetime) else each for each in row])


def test_a_query_may_ask_when_a_row_arrived(tables: LogTables) -> None:
    tables.write(CONSOLE, [a_row()], at(20))
    kql = f"""{CONSOLE}
    | extend Late = datetime_diff("minute", ingestion_time(), TimeGenerated)
    | project Late"""
    assert tables.shape(kql) == {"Late": "BIGINT"}
    assert values(tables, kql) == [20]
    assert values(tables, kql, at(19)) == []
    found = tables.fetch("SELECT * FROM {query}", kql, [at(10), at(30)], timedelta(hours=1))
    assert found == [(1, 20)]
    assert "_visible_at" not in tables.query(CONSOLE, LATER).columns
