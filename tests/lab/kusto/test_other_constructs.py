"""What Kusto takes and the translator does not know is run, or refused by name with the reason."""

# ruff: noqa: E501  # a query reads best in one line

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
HTTP = "AppServiceHTTPLogs"


@pytest.fixture(scope="module")
def tables() -> Iterator[LogTables]:
    made = LogTables()
    asked = [
        ("08:10", "10.0.0.1", "/a", 200),
        ("08:20", "203.0.113.9", "/b", 401),
        ("09:10", "203.0.113.9", "/a", 401),
        ("11:10", "198.51.100.1", "/c", 500),
    ]
    rows: list[dict[str, Any]] = [
        {"TimeGenerated": f"2026-01-05T{at}:00Z", "CIp": ip, "CsUriStem": stem, "ScStatus": status}
        for at, ip, stem, status in asked
    ]
    made.write(HTTP, rows, NOW)
    line = {"TimeGenerated": "2026-01-05T08:10:00Z", "ResultDescription": "Incorrect password"}
    made.write("AppServiceConsoleLogs", [line], NOW)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("kql", "rows"),
    [
        (
            f"search in (AppServiceConsoleLogs, {HTTP}) 'Incorrect' | summarize count() by $table",
            [{"$table": "AppServiceConsoleLogs", "count_": 1}],
        ),
        ("search 'Incorrect' | count", [{"Count": 1}]),
        (f"{HTTP} | search '401' and '/b' | project CIp", [{"CIp": "203.0.113.9"}]),
        (f"search in ({HTTP}) CsUriStem:'c' | project ScStatus", [{"ScStatus": 500}]),
        (
            f"find in ({HTTP}) where ScStatus == 500 project CIp",
            [{"source_": HTTP, "CIp": "198.51.100.1"}],
        ),
        (
            "union * | summarize N = count() by Type | where Type startswith 'AppServiceC'",
            [{"Type": "AppServiceConsoleLogs", "N": 1}],
        ),
        (
            "union withsource=Src AppService* | where Src == 'AppServiceConsoleLogs' | count",
            [{"Count": 1}],
        ),
        (f"union isfuzzy=true {HTTP}, NotThere | count", [{"Count": 4}]),
        (f"table('{HTTP}') | count", [{"Count": 4}]),
        (
            f"let N = (n: string) {{ table(n) | where ScStatus == 401 }}; N('{HTTP}') | count",
            [{"Count": 2}],
        ),
        (f"{HTTP} | as X | union X | count", [{"Count": 8}]),
        (f"{HTTP} | where notempty(CIp) | count as Rows", [{"Rows": 4}]),
        (
            f"let limit = 400; {HTTP} | where ScStatus > limit | summarize count = count()",
            [{"count": 3}],
        ),
        (f"{HTTP} | summarize N = array_length(make_set(CIp, 2))", [{"N": 2}]),
        (
            f"{HTTP} | summarize makeset(ScStatus) | project array_length(set_ScStatus)",
            [{"Column1": 3}],
        ),
        (f"{HTTP} | summarize percentiles(ScStatus, 50)", [{"percentile_ScStatus_50": 401}]),
        (f"{HTTP} | summarize count_distinct(CIp)", [{"count_distinct_CIp": 3}]),
        (f"{HTTP} | summarize maxif(ScStatus, ScStatus < 500)", [{"maxif_ScStatus": 401}]),
        (
            f"{HTTP} | where ScStatus == 500 | project-keep CI*, ScStatus | project-reorder ScStatus",
            [{"ScStatus": 500, "CIp": "198.51.100.1"}],
        ),
        (f"{HTTP} | project CIp, ScStatus | distinct * | count", [{"Count": 3}]),
        (
            f"{HTTP} | sort by TimeGenerated asc | extend n = row_number(), p = prev(ScStatus)"
            " | where n == 2 | project p",
            [{"p": 200}],
        ),
        (
            f"{HTTP} | make-series N = count() default=0 on TimeGenerated from datetime(2026-01-05 08:00)"
            " to datetime(2026-01-05 12:00) step 1h | project N",
            [{"N": [2, 1, 0, 1]}],
        ),
        (
            f"{HTTP} | make-series M = max(ScStatus) default=-1 on TimeGenerated step 2h by CIp"
            " | where CIp == '198.51.100.1' | project M",
            [{"M": [-1, 500]}],
        ),
        (
            f"{HTTP} | summarize l = make_list(ScStatus) by CIp"
            " | mv-apply x = l to typeof(long) on (where x > 400 | summarize s = sum(x))"
            " | where CIp startswith '203' | project s",
            [{"s": 802}],
        ),
        (f"{HTTP} | partition by CIp (top 1 by ScStatus) | count", [{"Count": 3}]),
        (f"{HTTP} | top-nested 1 of CIp by N = count()", [{"CIp": "203.0.113.9", "N": 2}]),
        (f"{HTTP} | top-hitters 1 of CIp", [{"CIp": "203.0.113.9", "approximate_count_CIp": 2}]),
        (f"{HTTP} | sample-distinct 9 of CIp | count", [{"Count": 3}]),
        (
            f"{HTTP} | take 1 | project column_ifexists('CIp', ''), x = column_ifexists('No', 'z')",
            [{"CIp": "10.0.0.1", "x": "z"}],
        ),
        (f"{HTTP} | where _IsBillable == true | count", [{"Count": 0}]),
        (f"{HTTP} | where TimeGenerated == '2026-01-05T08:10:00Z' | count", [{"Count": 1}]),
        (f"{HTTP} | where * has '500' | count", [{"Count": 1}]),
        (
            "print a = ipv4_is_private('172.20.0.1'), b = ipv4_is_in_range('192.168.1.6', '192.168.1.0/24'),"
            " c = ipv4_is_in_any_range('10.1.1.1', '9.0.0.0/8', '10.0.0.0/8'), d = ipv4_is_private('x')",
            [{"a": True, "b": True, "c": True, "d": None}],
        ),
        (
            "print a = strcat_array(dynamic(['x', 'y']), '-'), b = bag_keys(dynamic({'k': 1})),"
            " c = url_decode('a%20b'), d = format_timespan(26h + 5m, 'd.hh:mm:ss'),"
            " e = unixtime_seconds_todatetime(0), f = parse_csv('a,\"b,c\"')",
            [
                {
                    "a": "x-y",
                    "b": ["k"],
                    "c": "a b",
                    "d": "1.02:05:00",
                    "e": "1970-01-01T00:00:00Z",
                    "f": ["a", "b,c"],
                }
            ],
        ),
        (
            "print a = extract('a=([0-9]+)', 1, 'a=7', typeof(long)) + 1,"
            " b = bin_at(datetime(2026-01-05 08:40), 1h, datetime(2026-01-05 00:30))",
            [{"a": 8, "b": "2026-01-05T08:30:00Z"}],
        ),
    ],
)
def test_it_is_run(tables: LogTables, kql: str, rows: list[dict[str, Any]]) -> None:
    assert tables.query(kql, NOW).rows == rows


@pytest.mark.parametrize(
    ("kql", "word", "reason"),
    [
        (f"{HTTP} | evaluate pivot(CIp)", "evaluate", "depend on the rows"),
        (f"{HTTP} | reduce by CsUriStem", "reduce", "only Azure has"),
        (
            "print series_decompose_anomalies(dynamic([1, 2]))",
            "series_decompose_anomalies",
            "season",
        ),
        (f"{HTTP} | summarize hll(CIp)", "hll", "dcount"),
        ("externaldata (a: string) ['https://example.com']", "externaldata", "network"),
        (f"{HTTP} | fork (count) (take 1)", "fork", "several tables"),
        (f"{HTTP} | extend timegenerated = 1", "timegenerated", "differ in case only"),
    ],
)
def test_it_is_refused_by_name_with_the_reason(
    tables: LogTables, kql: str, word: str, reason: str
) -> None:
    with pytest.raises(KustoError) as caught:
        tables.query(kql, NOW)
    assert word in caught.value.message
    assert reason in caught.value.message
    assert caught.value.at is not None


@pytest.mark.parametrize("name", ["[]", '{"a":', "null", "[1", '"', "{}", "\\"])
def test_a_value_that_looks_like_json_ends_no_evaluation(name: str) -> None:
    tables = LogTables()
    row = {"TimeGenerated": "2026-01-05T08:10:00Z", "CsUsername": name, "CIp": "10.0.0.1"}
    tables.write(HTTP, [row, {**row, "CsUsername": "anna"}], NOW)
    found = tables.query(
        f"{HTTP} | extend p = parse_json(CsUsername) | extend q = tostring(p.a), n = array_length(p)"
        " | summarize Names = make_set(CsUsername), Parsed = make_set(tostring(p)) by CIp"
        " | extend N = array_length(Names), Text = strcat_array(Names, ',')",
        NOW,
    )
    tables.close()
    assert found.rows[0]["N"] == 2
    assert name in found.rows[0]["Names"]
