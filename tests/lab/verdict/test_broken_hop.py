"""Each way in which an attack can go unnoticed is told by its name."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from components.content import detection
from lab.azure.monitor.log_search.alert import Delivery, DeliveryStatus
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.logs.log_tables import LogTables
from lab.verdict.broken_hop import why_not_delivered, why_not_fired
from tests.support.evidence import ATTACKER, ERRORS, HTTP, START, alert, attack, errors, rule, run


def why(tables: LogTables, dropped: dict[str, int] | None = None, **changes: Any) -> str:
    runner, alerts = run(tables, rule(**changes))
    assert alerts == []
    return why_not_fired(runner, tables, attack(), Counter(dropped or {}))


def test_rows_that_no_setting_sends_are_not_ingested(tables: LogTables) -> None:
    assert why(tables, {HTTP: 12}).startswith("log rows not ingested")
    assert "12 lost" in why(tables, {HTTP: 12})


def test_rows_lost_of_another_table_are_no_reason(tables: LogTables) -> None:
    assert "not ingested" not in why(tables, {"AppServiceConsoleLogs": 12})
    assert "not ingested" in why(tables, {"AppServiceHTTPLogs": 12})


def test_a_table_that_stays_empty_is_a_line_not_written(tables: LogTables) -> None:
    errors(tables, [-600])
    assert why(tables) == f"log line not written: {HTTP} got no row since the attack began"


def test_console_lines_that_are_no_login_events_do_not_count(tables: LogTables) -> None:
    console = "AppServiceConsoleLogs"
    row = {"TimeGenerated": START + timedelta(seconds=9), "ResultDescription": "Listening"}
    tables.write(console, [row], START)
    found = AlertRule.from_detection(detection.load("brute_force_from_one_address"))
    runner, _ = run(tables, found)
    reason = why_not_fired(runner, tables, attack(), Counter())
    assert reason == "log line not written: LoginEvents got no row since the attack began"


def test_a_filter_that_nothing_passes_is_told(tables: LogTables) -> None:
    errors(tables, range(9), status=200)
    assert why(tables).startswith("the query returned no row")


def test_too_few_are_below_the_threshold_with_the_attackers_highest_value(
    tables: LogTables,
) -> None:
    errors(tables, range(4))
    assert why(tables) == ("below the threshold: the highest value was 4, the threshold is >= 5")


def test_the_value_of_somebody_else_is_not_the_attackers(tables: LogTables) -> None:
    errors(tables, range(3))
    errors(tables, range(4), address="198.51.100.9")
    assert "the highest value was 3" in why(tables)


def test_rows_about_others_only_are_told(tables: LogTables) -> None:
    errors(tables, range(4), address="198.51.100.9")
    assert why(tables).startswith(
        "the query returned rows, but none for the attacker (one for 198.51.100.9)"
    )


def test_rows_that_come_later_than_the_rule_looks_back_are_too_late(tables: LogTables) -> None:
    errors(tables, range(9), delay=timedelta(minutes=20))
    assert why(tables) == "log rows came too late: the rule looks back 15 minutes only"


def test_a_rule_without_dimensions_is_measured_for_the_whole_app(tables: LogTables) -> None:
    errors(tables, range(4), address="198.51.100.9")
    query = f"{ERRORS} | summarize Errors = sum(Errors)"
    assert "the highest value was 4" in why(tables, dimensions=(), query=query)


def test_a_query_that_cannot_be_run_is_told(tables: LogTables) -> None:
    errors(tables, range(9))
    reason = why(tables, query=ERRORS.replace("ScStatus", "ScStatos"))
    assert reason.startswith("the query cannot be run")
    assert "'ScStatus'" in reason


def test_a_rule_that_the_stack_switched_off_is_told(tables: LogTables) -> None:
    errors(tables, range(9))
    assert why(tables, enabled=False) == "the alert rule is disabled in this stack"


def delivery(status: DeliveryStatus, condition: Any = "Fired") -> Delivery:
    return Delivery("webhook", "soc", "soc.example.com", condition, START, status, 1, "HTTP 500")


@pytest.mark.parametrize(
    ("deliveries", "reason"),
    [
        ([], "fired, but not delivered: the rule has no action group, or that has no receiver"),
        ([delivery("failed")], "fired, but not delivered: webhook soc failed; HTTP 500"),
        ([delivery("failed"), delivery("delivered")], ""),
        ([delivery("suppressed"), delivery("delivered")], ""),
        (
            [delivery("delivered", "Resolved"), delivery("suppressed")],
            "fired, but not delivered: webhook soc suppressed; HTTP 500",
        ),
    ],
)
def test_an_alert_counts_once_somebody_was_told(deliveries: list[Delivery], reason: str) -> None:
    fired = alert(rule(), 10, CIp=ATTACKER)
    fired.deliveries = deliveries
    assert why_not_delivered([fired]) == reason
