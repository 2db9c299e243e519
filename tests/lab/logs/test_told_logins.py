"""How many rows of a log are login events, by which source."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.content import detection, login_sources
from components.content.deployed_rule import deployed
from lab.logs.log_tables import LogTables
from lab.logs.told_logins import found_in, told

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
CONSOLE, HTTP = "AppServiceConsoleLogs", "AppServiceHTTPLogs"
JSON = '{"EventSchema": "Authentication", "EventType": "Logon", "EventResult": "Failure"}'
REFUSED = {"CIp": "203.0.113.9", "CsMethod": "POST", "CsUriStem": "/login", "ScStatus": 401}


@pytest.fixture
def tables() -> Iterator[LogTables]:
    found = LogTables()
    yield found
    found.close()


def write(tables: LogTables, table: str, *rows: dict[str, Any]) -> None:
    stamped = [
        {"TimeGenerated": NOW - timedelta(seconds=number), **row} for number, row in enumerate(rows)
    ]
    tables.write(table, stamped, NOW)


def printed(tables: LogTables, *lines: str) -> None:
    write(tables, CONSOLE, *({"ResultDescription": line} for line in lines))


def test_rows_and_events_are_counted_with_what_they_name(tables: LogTables) -> None:
    printed(
        tables,
        "LOGIN_FAILED username=bob ip=203.0.113.9",
        "Failed login attempt for user: bob",
        "Failed login attempt",
        "Booting worker with pid: 7",
    )
    found = told(["lines"], tables, NOW)
    assert found.tables == (CONSOLE,)
    assert (found.rows, found.events, found.accounts, found.addresses) == (4, 3, 2, 1)
    none = told(["json"], tables, NOW)
    assert (none.rows, none.events) == (4, 0)


def test_several_sources_count_the_rows_of_all_their_tables(tables: LogTables) -> None:
    printed(tables, JSON, "Failed login attempt for user: bob")
    write(tables, HTTP, REFUSED)
    both = told(["json", "lines", "http_status"], tables, NOW)
    assert both.tables == (CONSOLE, HTTP)
    assert (both.rows, both.events) == (3, 3)


def test_the_answers_are_asked_only_where_no_other_source_tells(tables: LogTables) -> None:
    assert found_in(tables, NOW) == ()
    write(tables, HTTP, *[REFUSED] * 3)
    assert found_in(tables, NOW) == ("http_status",)
    printed(tables, "Failed login attempt for user: bob")
    assert found_in(tables, NOW) == ("lines",)
    printed(tables, JSON)
    assert found_in(tables, NOW) == ("json", "lines")


@pytest.mark.parametrize("sources", [["json"], ["lines"], ["json", "lines"], ["http_status"]])
def test_the_sources_of_deployed_rules_are_found_in_their_queries(sources: list[str]) -> None:
    rule = deployed(detection.load("brute_force_from_one_address", sources))
    assert set(login_sources.read_by([rule.query])) == set(sources)
    other = deployed(detection.load("method_abuse", sources))
    assert login_sources.read_by([other.query]) == ()
