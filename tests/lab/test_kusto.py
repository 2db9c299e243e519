"""KQL in the lab: refusals in one line, names as strict as Kusto's."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from lab.azure.log_tables import LogTables
from lab.kusto import KustoError

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables() -> Iterator[LogTables]:
    made = LogTables()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("kql", "words", "line"),
    [
        ("AppServiceConsoleLog\n| count", ["'AppServiceConsoleLogs'?"], 1),
        ("AppServiceConsoleLogs\n| where LogLevel == ''", ["'LogLevel'", "'Level'?"], 2),
        ("AppServiceConsoleLogs\n| where level == ''", ["'level'", "'Level'?"], 2),
        ("appserviceconsolelogs | count", ["'AppServiceConsoleLogs'?"], 1),
        ("AppServiceConsoleLogs\n| wherex", ["could not parse"], 2),
        ("AppServiceConsoleLogs\n| evaluate pivot(Level)", ["EvaluateOperator"], 2),
        ("AppServiceConsoleLogs | where 1 + Level == 2", ["cannot be run"], None),
        (".drop table AppServiceConsoleLogs", ["refused"], None),
        ("", [""], None),
        ("print " + "strcat('a'," * 5 + "'b'" + ")" * 5, ["nest too deep", "strcat"], None),
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
        assert message.endswith(f"(line {line})")


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
    tables.query(kql, NOW)


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
