"""What a stack deploys of a detection raises the same alerts as the file, on every case."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from components.content import detection, workbook_tile
from components.content.deployed_rule import THRESHOLD_MARK, deployed, without_threshold
from components.content.detection import DETECTIONS, Detection
from components.content.log_columns import TABLES
from components.content.log_sources import APPS, narrowed, with_sources
from components.content.places import CASES
from components.limits.alert_rule import MAX_NOTIFICATION_BYTES
from lab.azure.monitor.log_search.alert_rule import AlertRule, evaluate
from lab.check import microsoft
from lab.logs.log_tables import LogTables
from lab.trial import case_run
from lab.trial.case_trial import CaseTrial

LIBRARY = detection.load_all()
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
OURS, THEIRS = (f"/subscriptions/s/resourceGroups/g/sites/{name}" for name in ("ours", "theirs"))


@pytest.fixture
def tables() -> Iterator[LogTables]:
    made = LogTables()
    yield made
    made.close()


def trial_of(found: Detection) -> CaseTrial:
    cases, broken = case_run.load(found, CASES / found.slug)
    assert not broken
    return CaseTrial(case_run.prepare(cases))


@pytest.mark.parametrize("slug", sorted(path.stem for path in DETECTIONS.glob("*.kql")))
def test_the_deployed_rule_alerts_as_its_file_does(slug: str) -> None:
    found = LIBRARY[slug]
    trial = trial_of(found)
    try:
        numbers = range(len(trial.cases))
        plain, whole = (AlertRule.from_detection(each) for each in (found, deployed(found)))
        told = [dict(trial.outcomes(rule, numbers)) for rule in (plain, whole)]
        for number in numbers:
            before, after = (each[number] for each in told)
            assert after.error == before.error == ""
            assert after.alerts == before.alerts, trial.cases[number].name
            if found.is_dynamic:
                assert after.values == before.values, "Azure learns from all that is measured"
        # A largest value is one row's own; only a total can come from several.
        if found.aggregation == "Total" and THRESHOLD_MARK in whole.query:
            assert_one_row_each(found, trial)
    finally:
        trial.close()


def assert_one_row_each(found: Detection, trial: CaseTrial) -> None:
    """Rows that only together reach the threshold would be left out one by one."""
    by = ", ".join(found.dimensions)
    query = f"{found.rendered_query()}\n| summarize Same = count() by {by}\n| where Same > 1"
    changed = replace(
        found, query=query, functions=(), measure_column="Same", aggregation="Total", threshold=2
    )
    rule = AlertRule.from_detection(changed)
    doubled = [
        trial.cases[number].name
        for number, outcome in trial.outcomes(rule, range(len(trial.cases)))
        if outcome.alerts
    ]
    assert doubled == []


@pytest.mark.parametrize("slug", sorted(LIBRARY))
def test_a_rule_with_dimensions_gives_azure_no_series_that_cannot_alert(slug: str) -> None:
    found = LIBRARY[slug]
    rule = deployed(found)
    if not found.dimensions or found.is_dynamic or not found.operator.startswith("Greater"):
        assert rule.aggregation == found.aggregation
        return
    assert rule.query.splitlines()[-2] == THRESHOLD_MARK
    assert rule.query.splitlines()[-1].startswith(f"| where {rule.measure_column} >")
    assert THRESHOLD_MARK not in without_threshold(rule.query)


def test_microsofts_parser_takes_every_deployed_query() -> None:
    places = microsoft.modules()
    if places is None:
        pytest.skip(microsoft.MISSING)
    owners = {APPS: [OURS]}
    queries = {slug: deployed(each, owners).query for slug, each in LIBRARY.items()}
    queries |= {
        f"tile {each.slug}": each.rendered_query(owners)
        for each in workbook_tile.load_all()
        if each.source == "logs"
    }
    assert {
        name: found for name, found in microsoft.refusals(queries, TABLES, places).items() if found
    } == {}
    assert len(queries) > 50


@pytest.mark.parametrize("slug", sorted(LIBRARY))
def test_every_query_has_something_to_read_where_a_table_is_missing(slug: str) -> None:
    """By a fuzzy union; save where the arrival of a row is asked for, which a union hides."""
    found = LIBRARY[slug]
    query = deployed(found).query
    assert found.tables
    for table in found.tables:
        head = f"let {table} = union isfuzzy=true (datatable("
        assert (head in query) != ("ingestion_time" in query)


def test_columns_are_declared_with_their_types_and_no_more_than_are_used() -> None:
    query = with_sources("AppServiceHTTPLogs | where ScStatus >= 400 | project CIp", TABLES)
    assert query.splitlines()[0] == (
        "let AppServiceHTTPLogs = union isfuzzy=true (datatable("
        "CIp: string, _ResourceId: string, ScStatus: int, TimeGenerated: datetime)[]),"
        " (AppServiceHTTPLogs);"
    )


def failures(resource_id: str, number: int) -> list[dict[str, object]]:
    events = {
        "EventSchema": "Authentication",
        "EventType": "Logon",
        "EventResult": "Failure",
        "SrcIpAddr": "203.0.113.9",
    }
    return [
        {
            "TimeGenerated": NOW - timedelta(minutes=5, seconds=each),
            "_ResourceId": resource_id.lower(),
            "ResultDescription": json.dumps(events | {"TargetUsername": f"user{each % 3}"}),
        }
        for each in range(number)
    ]


def test_two_apps_in_one_workspace_do_not_ring_for_each_other(tables: LogTables) -> None:
    tables.write("AppServiceConsoleLogs", failures(THEIRS, 60), NOW)
    found = LIBRARY["brute_force_from_one_address"]
    rules = {
        name: AlertRule.from_detection(deployed(found, {APPS: ids}))
        for name, ids in {"all": [], "ours": [OURS], "theirs": [THEIRS.upper()]}.items()
    }
    violated = {
        name: any(each.violated for each in evaluate(rule, tables, NOW))
        for name, rule in rules.items()
    }
    assert violated == {"all": True, "ours": False, "theirs": True}


def test_addresses_of_two_apps_do_not_add_up(tables: LogTables) -> None:
    tables.write("AppServiceConsoleLogs", failures(THEIRS, 15) + failures(OURS, 15), NOW)
    found = LIBRARY["brute_force_from_one_address"]
    together = evaluate(AlertRule.from_detection(deployed(found)), tables, NOW)
    alone = evaluate(AlertRule.from_detection(deployed(found, {APPS: [OURS]})), tables, NOW)
    assert [each.violated for each in together] == [True]
    assert [each for each in alone if each.violated] == []


def test_a_tile_shows_the_rows_of_given_apps(tables: LogTables) -> None:
    tables.write("AppServiceConsoleLogs", failures(THEIRS, 3), NOW)
    tiles = {each.slug: each for each in workbook_tile.load_all()}
    shown = {
        name: tables.query(tiles["failures_by_address"].rendered_query(owners), NOW).rows
        for name, owners in {"all": None, "ours": {APPS: [OURS]}}.items()
    }
    assert (bool(shown["all"]), shown["ours"]) == (True, [])


def test_a_saved_function_is_narrowed_where_it_begins() -> None:
    body = "// AppServiceHTTPLogs\nAppServiceHTTPLogs\n| take 1"
    assert narrowed(body, {}) == body
    assert narrowed(body, {APPS: [OURS]}) == (
        f'// AppServiceHTTPLogs\nAppServiceHTTPLogs | where _ResourceId in~ ("{OURS}")\n| take 1'
    )


def test_alerts_fit_into_a_message() -> None:
    """The query stands in it once as it is, and in four links quoted ("Common alert schema")."""
    large = {
        slug
        for slug, each in LIBRARY.items()
        if (query := deployed(each).query)
        and len(query.encode()) + 4 * len(quote(query, safe="")) > MAX_NOTIFICATION_BYTES
    }
    assert large == set()
