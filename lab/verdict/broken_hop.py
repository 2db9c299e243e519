"""Why an attack raised no alert: the first hop on the way from the request to the message."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from components.content import kql_function, login_sources
from components.content.deployed_rule import without_threshold
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule, AlertRuleError, Series, evaluate_all
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.clock.ticks import next_tick
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables
from lab.play.timetable import Appearance
from lab.verdict.attribution import names_somebody_of
from lab.verdict.comparison import condition

LATEST = timedelta(days=2)
"""By then every row has arrived."""

INSTANT = timedelta(microseconds=1)


def why_not_fired(
    runner: AlertRuleRunner, tables: LogTables, attack: Appearance, dropped: Counter[str]
) -> str:
    """Names the broken hop: line not written, not ingested, query, rows, threshold, for whom."""
    # Below the threshold a deployed query returns nothing: what it measured is asked for.
    rule = replace(runner.rule, query=without_threshold(runner.rule.query))
    if not rule.enabled:
        return "the alert rule is disabled in this stack"
    if runner.failures:
        return f"the query cannot be run: {runner.failures[-1][1]}"
    try:
        until = attack.end + rule.lookback + LATEST
        sources = list(sources_of(rule, tables))
        if not any(_rows(tables, text, until, attack.start - INSTANT) for _, text in sources):
            for table in sorted(tables.tables_in(rule.query)):
                if lost := dropped[table]:
                    sent = f"no diagnostic setting sends {table} ({lost} lost)"
                    return f"log rows not ingested: {sent}"
            names = " and ".join(name for name, _ in sources)
            return f"log line not written: {names} got no row since the attack began"
        if not _rows(tables, rule.query, until, attack.start - rule.lookback):
            return "the query returned no row for the whole attack; look at its filters"
        return _at_evaluations(rule, tables, attack, until)
    except (KustoError, AlertRuleError) as error:
        return f"the query cannot be run: {error}"


def why_not_delivered(alerts: Sequence[Alert]) -> str:
    """For alerts that fired: what became of their messages."""
    deliveries = [
        each for alert in alerts for each in alert.deliveries if each.condition == "Fired"
    ]
    if not deliveries:
        return "fired, but not delivered: the rule has no action group, or that has no receiver"
    if any(each.status == "delivered" for each in deliveries):
        return ""
    first = deliveries[0]
    return f"fired, but not delivered: {first.kind} {first.receiver} {first.status}; {first.detail}"


def sources_of(rule: AlertRule, tables: LogTables) -> Iterator[tuple[str, str]]:
    """Name and KQL of what the rule reads: the app's events where it asks for those, because other
    lines of the console prove nothing; else the raw tables.
    """
    functions = kql_function.load_all()
    if read := login_sources.read_by([rule.query], functions):
        functions = login_sources.united(functions, read)
    tabular = [
        each
        for each in functions.values()
        if not each.parameters and f"let {each.name} =" in rule.query
    ]
    for each in tabular:
        needed = kql_function.used_by(each.name, functions)
        yield each.name, "\n".join([*(one.as_let() for one in needed), each.name])
    if not tabular:
        yield from ((table, table) for table in sorted(tables.tables_in(rule.query)))


def _rows(tables: LogTables, kql: str, now: datetime, after: datetime) -> bool:
    return bool(tables.query(kql, now, after).rows)


def _at_evaluations(rule: AlertRule, tables: LogTables, attack: Appearance, until: datetime) -> str:
    first, last = next_tick(attack.start, rule.frequency), attack.end + rule.lookback
    ticks = [
        first + number * rule.frequency for number in range((last - first) // rule.frequency + 1)
    ]
    seen = _series(rule, tables, ticks, None)
    whose = _of_attacker(seen, attack)
    if whose:
        return _below_threshold(rule, whose)
    if _of_attacker(_series(rule, tables, ticks, until), attack):
        minutes = rule.lookback.total_seconds() / 60
        return f"log rows came too late: the rule looks back {minutes:g} minutes only"
    others = next((", ".join(each.dimensions.values()) for each in seen), "")
    if not others:
        return "the query returned rows, but at no evaluation any within the rule's window"
    return f"the query returned rows, but none for the attacker (one for {others});" + (
        " look at its filters and dimensions"
    )


def _series(
    rule: AlertRule, tables: LogTables, ticks: Sequence[datetime], seen_at: datetime | None
) -> list[Series]:
    if not ticks:
        return []
    seen = None if seen_at is None else [seen_at] * len(ticks)
    return [each for found in evaluate_all(rule, tables, ticks, seen_at=seen) for each in found]


def _of_attacker(series: Sequence[Series], attack: Appearance) -> list[Series]:
    """A series without dimensions is everybody's, the attacker's too."""
    return [
        each for each in series if not each.dimensions or names_somebody_of(each.dimensions, attack)
    ]


def _below_threshold(rule: AlertRule, series: Sequence[Series]) -> str:
    wanted = f"the threshold is {condition(rule.operator, rule.threshold)}"
    if any(each.violated for each in series):
        return f"the condition was met ({wanted}), but no alert fired; an older one was active"
    values = [each.value for each in series]
    if rule.operator.startswith("Less"):
        return f"below the threshold: the lowest value was {min(values):g}, {wanted}"
    return f"below the threshold: the highest value was {max(values):g}, {wanted}"
