"""What the detections of sign-ins have seen of an app, in a sentence and in the report."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lab.logs.log_tables import LogTables
from lab.report import summary
from lab.verdict import login_sight
from tests.support.reports import replayed

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
RULES = ("brute_force_from_one_address", "break_glass_account_used", "request_flood")


@pytest.fixture
def tables() -> Iterator[LogTables]:
    found = LogTables()
    yield found
    found.close()


def printed(tables: LogTables, *lines: str) -> None:
    rows = [{"TimeGenerated": NOW, "ResultDescription": line} for line in lines]
    tables.write("AppServiceConsoleLogs", rows, NOW)


def sentences(tables: LogTables, *sources: str) -> list[str]:
    entry = login_sight.entry(RULES, sources, tables, NOW)
    return summary.sentences(replace(replayed(), logins=entry))[1:]


def test_an_app_that_writes_no_events_leaves_them_blind(tables: LogTables) -> None:
    printed(tables, "Booting worker", "Failed login attempt for user: bob")
    assert sentences(tables, "json") == [
        "None of 2 rows of AppServiceConsoleLogs is a login event (source json): the detections of"
        " sign-ins are blind."
    ]
    entry = login_sight.entry(RULES, ["json"], tables, NOW)
    assert entry.blind == dict.fromkeys(RULES[1::-1], ("event",))


def test_events_without_an_address_blind_by_name_what_needs_one(tables: LogTables) -> None:
    printed(tables, "Booting worker", "Failed login attempt for user: bob")
    assert sentences(tables, "lines") == [
        "1 of 2 rows of AppServiceConsoleLogs is a login event (source lines).",
        "No login event names an address, so these are blind: brute_force_from_one_address.",
    ]


def test_where_events_tell_enough_their_number_is_all(tables: LogTables) -> None:
    printed(tables, *(f"LOGIN_FAILED username=bob ip=203.0.113.{number}" for number in (1, 2)))
    assert sentences(tables, "lines") == [
        "2 of 2 rows of AppServiceConsoleLogs are login events (source lines)."
    ]


def test_the_report_says_it_to_programs(tables: LogTables) -> None:
    printed(tables, "Failed login attempt for user: bob")
    entry = login_sight.entry(RULES, ["lines"], tables, NOW, "Set it.")
    found = replace(replayed(), logins=entry).as_json()["logins"]
    assert found == {
        "sources": ["lines"],
        "tables": ["AppServiceConsoleLogs"],
        "rows": 1,
        "events": 1,
        "blind": {"brute_force_from_one_address": ["address"]},
        "note": "Set it.",
    }
    assert "logins" not in replayed().as_json()
