"""KQL in the lab: refusals in one line, names as strict as Kusto's."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from components.content.kql_function import KqlFunction
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables() -> Iterator[LogTables]:
    made = LogTables()
    yield made
    made.close()


D = """print d = parse_json('{"a": "b", "n": 7, "o": {"k": [1]}, "z": null}') | project """


@pytest.mark.parametrize(
    ("kql", "expected"),
    [
        (D + 'R = strcat("x", iff(isnotempty(d.a), d.a, "-"))', "xb"),
        (D + 'R = strcat("x", case(d.n == 7, d.a, "-"), "y")', "xby"),
        (D + 'R = strcat("x", case(d.n == 7, d.o, "-"))', 'x{"k":[1]}'),
        (D + 'R = strcat("x", iff(true, d.z, "-"), "y")', "xy"),
        (D + 'S = iff(true, d.a, "z") | project R = strcat(tostring(S) == "b")', "True"),
        (
            'datatable(s: string)["a"] | extend z = iff(s == "a", split("p/q", "/")[1], "none")'
            ' | project R = strcat(s, z, tostring(z) == "q")',
            "aqTrue",
        ),
        ('print s = "null" | project R = strcat(s, tostring(s))', "nullnull"),
        ("print s = '\"q\"' | project R = strcat(s, tostring(s), strlen(s))", '"q""q"3'),
        ("print s = '' | project R = strcat('<', s, tostring(s), '>')", "<>"),
    ],
)
def test_text_is_text_wherever_it_comes_from(tables: LogTables, kql: str, expected: str) -> None:
    """What Kusto calls a string may be JSON in the lab, as where one of two branches is dynamic."""
    assert tables.query(kql, NOW).rows == [{"R": expected}]


@pytest.mark.parametrize("kql", ["print hash('a')", "print (1", "Nowhere | take 1"])
def test_no_refusal_is_its_own_cause(tables: LogTables, kql: str) -> None:
    with pytest.raises(KustoError) as caught:
        tables.query(kql, NOW)
    seen: list[BaseException | None] = [caught.value]
    while seen[-1] is not None:
        seen.append(seen[-1].__cause__)
        assert seen[-1] is not seen[-2]


def test_texts_are_joined_as_deep_as_a_rule_nests_them(tables: LogTables) -> None:
    kql = "print X = " + "strcat('a', 1, " * 12 + "now()" + ")" * 12
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert tables.query(kql, now).rows == [{"X": "a1" * 12 + "2026-01-05T00:00:00.0000000Z"}]
    assert len(tables.sql(kql)) < 20_000


@pytest.mark.parametrize(
    ("kql", "words", "line"),
    [
        ("AppServiceConsoleLog\n| count", ["'AppServiceConsoleLogs'?"], 1),
        ("AppServiceConsoleLogs\n| where LogLevel == ''", ["'LogLevel'", "'Level'?"], 2),
        ("AppServiceConsoleLogs\n| where level == ''", ["'level'", "'Level'?"], 2),
        ("appserviceconsolelogs | count", ["'AppServiceConsoleLogs'?"], 1),
        ("AppServiceConsoleLogs\n| wher Level == ''", ["operator 'wher'", "'where'?"], 2),
        ("AppServiceConsoleLogs\n// | wher\n| mvexpnd Level", ["'mv-expand'?"], 3),
        ("AppServiceConsoleLogs\n| where Level == '')", ["')' closes nothing"], 2),
        ("AppServiceConsoleLogs\n| where (Level", ["'(' is not closed"], 2),
        ("AppServiceConsoleLogs // Lvel\n| where Lvel == ''", ["'Level'?"], 2),
        ("AppServiceConsoleLogs\n| evaluate pivot(Level)", ["evaluate is not run here"], 2),
        ("AppServiceConsoleLogs | where 1 + Level == 2", ["+ cannot be used on"], 1),
        ("union ISFUZZY=true AppServiceConsoleLogs", ["'ISFUZZY'", "'isfuzzy'?"], 1),
        (".drop table AppServiceConsoleLogs", ["refuses"], 1),
        ("", ["the query is empty"], 1),
        ("print " + "todouble(tostring(" * 5 + "1" + "))" * 5, ["nest too deep", "tostring"], None),
    ],
)
def test_a_query_that_cannot_be_run_is_refused_in_one_line(
    tables: LogTables, kql: str, words: list[str], line: int | None
) -> None:
    with pytest.raises(KustoError) as caught:
        tables.query(kql, NOW)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert "\n" not in message
    assert len(message) < 400
    if line:
        assert caught.value.line == line
        assert f"(line {line}, column " in message


@pytest.mark.parametrize(
    ("kql", "line", "expectation"),
    [
        ("Logins\n| where Foo == 1", 2, "expected a column that there is at this step: Name, Way"),
        ("Logins\n| where Nam == ''", 2, "did you mean 'Name'?"),
        (
            "AppServiceHTTPLogs\n| summarize N = count() by CIp\n| where Cookie != ''",
            3,
            "expected a column that there is at this step: CIp, N",
        ),
        (
            "AppServiceConsoleLogs\n| join kind=inner (Logins\n  | where Foo == 1) on $left.Host =="
            " $right.Name",
            3,
            "expected a column that there is at this step: Name, Way",
        ),
        (
            "let A = Logins\n| extend B = Foo;\nA | where B > 1",
            2,
            "expected a column that there is at this step: Name, Way",
        ),
        # A name that there is at one step and no more at the next.
        (
            "AppServiceHTTPLogs\n| where CIp != ''\n| project Foo = CIp\n| where CIp != ''",
            None,
            "expected a column that there is at this step: Foo",
        ),
    ],
)
def test_instead_of_a_wrong_column_those_of_its_step_are_named(
    kql: str, line: int | None, expectation: str
) -> None:
    tables = LogTables()
    body = "AppServiceConsoleLogs\n| project Name = ResultDescription, Way = 1"
    tables.save(KqlFunction("Logins", "", body, "Who signs in."))
    with pytest.raises(KustoError) as caught:
        tables.query(kql, NOW)
    tables.close()
    assert expectation in caught.value.message
    assert line is None or caught.value.line == line


def test_of_many_columns_some_are_named(tables: LogTables) -> None:
    with pytest.raises(KustoError) as caught:
        tables.query("AppServiceHTTPLogs | where Zzz == 1", NOW)
    there = len(tables.columns["AppServiceHTTPLogs"])
    assert caught.value.message.count(",") == 11
    assert caught.value.message.endswith(f" and {there - 12} more")


@pytest.mark.parametrize(
    "kql",
    [
        "AppServiceConsoleLogs | project level = Level | where level == ''",
        "AppServiceConsoleLogs | summarize tenantid = count() | project tenantid",
        "AppServiceConsoleLogs | project-rename level = Level | where level == ''",
        "let host = 'x'; AppServiceConsoleLogs | where Host == host",
    ],
)
def test_a_query_may_give_its_own_columns_names_in_another_case(
    tables: LogTables, kql: str
) -> None:
    assert tables.query(kql, NOW).columns


def test_values_are_plain_and_spelled_as_kusto_spells_them(tables: LogTables) -> None:
    kql = (
        "print t = datetime(2026-01-05T08:00:00.5), d = 1h + 1d, n = long(null), s = '',"
        " b = true, l = dynamic([1, 'a', {'k': null}]), r = 1.5, neg = -90s"
    )
    assert tables.query(kql, NOW).rows == [
        {
            "t": "2026-01-05T08:00:00.500000Z",
            "d": "1.01:00:00",
            "n": None,
            "s": "",
            "b": True,
            "l": [1, "a", {"k": None}],
            "r": 1.5,
            "neg": "-00:01:30",
        }
    ]


def test_the_same_text_at_another_time_is_another_question(tables: LogTables) -> None:
    kql = "print hour = hourofday(now())"
    first = tables.query(kql, NOW).rows
    later = tables.query(kql, NOW.replace(hour=15)).rows
    assert (first, later) == ([{"hour": 8}], [{"hour": 15}])


def test_a_long_chain_of_lets_is_within_reach(tables: LogTables) -> None:
    steps = "\n".join(f"let V{n} = V{n - 1} + 1;" for n in range(1, 60))
    assert tables.query(f"let V0 = 0;\n{steps}\nprint V59 = V59", NOW).rows[0] == {"V59": 59}
