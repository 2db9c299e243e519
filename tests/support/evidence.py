"""A small rehearsal's remains: one rule over the front end's log, one attack, rows as needed."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule, Dimension, Series
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.logs.log_tables import LogTables
from lab.play.timetable import Appearance
from lab.verdict.verdict import Evidence
from traffic.action import Action
from traffic.scenario import Intent, Scenario
from traffic.visitor import Visitor

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DELAY = timedelta(minutes=3)
ATTACKER = "203.0.113.7"
ACCOUNT = "ana.o'neill"
SLUG = "error_burst"
HTTP = "AppServiceHTTPLogs"
ERRORS = f"{HTTP} | where ScStatus >= 400 | summarize Errors = count() by CIp"


def scenario(
    slug: str = SLUG,
    *,
    times: Iterable[float] = (0.0, 60.0),
    intent: Intent = "attack",
    sources: tuple[str, ...] = (ATTACKER,),
    targets: tuple[str, ...] = (),
) -> Scenario:
    visitor = Visitor(slug, ATTACKER, "tool/1.0")
    actions = tuple(Action(each, slug, "get") for each in times)
    return Scenario(slug, intent, slug, (visitor,), actions, sources, targets)


def attack(start: datetime = START, **given: Any) -> Appearance:
    return Appearance(scenario(**given), start)


def rule(name: str = SLUG, **changes: Any) -> AlertRule:
    """At least five errors of one address in 15 minutes, asked every five."""
    values: dict[str, Any] = {
        "name": name,
        "id": f"/rules/{name}",
        "query": ERRORS,
        "frequency": timedelta(minutes=5),
        "window": timedelta(minutes=15),
        "aggregation": "Total",
        "measure_column": "Errors",
        "operator": "GreaterThanOrEqual",
        "threshold": 5,
        "dimensions": (Dimension("CIp"),),
    }
    return AlertRule(**{**values, **changes})


def errors(
    tables: LogTables,
    seconds: Iterable[float],
    address: str = ATTACKER,
    delay: timedelta = DELAY,
    status: int = 404,
) -> None:
    """One row of the front end's log for each second after START."""
    for each in seconds:
        when = START + timedelta(seconds=each)
        row = {"TimeGenerated": when, "CIp": address, "ScStatus": status}
        tables.write(HTTP, [row], when + delay)


def run(tables: LogTables, found: AlertRule) -> tuple[AlertRuleRunner, list[Alert]]:
    """The rule at its ticks in the hour after START, and what fired."""
    alerts: list[Alert] = []
    runner = AlertRuleRunner(
        found, tables, lambda alert, condition: alerts.append(alert) if condition == "Fired" else 0
    )
    for number in range(1, 13):
        runner.tick(START + number * found.frequency)
    return runner, alerts


def alert(found: AlertRule, minutes: float, **dimensions: str) -> Alert:
    """One that fired so many minutes after START."""
    now = START + timedelta(minutes=minutes)
    return Alert.of(found, Series(dimensions, 9.0, True, now - found.window, now), now)


def evidence(
    tables: LogTables,
    runners: Iterable[AlertRuleRunner],
    alerts: Iterable[Alert],
    attacks: Iterable[Appearance],
) -> Evidence:
    return Evidence(
        runners={runner.rule.name: runner for runner in runners},
        alerts=list(alerts),
        tables=tables,
        attacks=list(attacks),
        dropped=Counter(),
        ingestion_delay=DELAY,
    )
