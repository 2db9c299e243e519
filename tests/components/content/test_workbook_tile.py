"""The tiles of the workbook: their heads, their queries in both engines, what they show."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.content import workbook_tile
from components.content.log_columns import TABLES
from components.content.places import ROOT
from components.content.workbook_tile import WorkbookTile
from components.content.yaml_file import Yaml
from components.limits.refusal import RefusedError
from lab.cases.case_pattern import expand
from lab.logs import login_lines
from lab.logs.log_tables import LogTables

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
NOW = START + timedelta(hours=4)
TILES = {each.slug: each for each in workbook_tile.load_all()}
LOGS = {slug: each for slug, each in TILES.items() if each.source == "logs"}

# Azure Resource Graph's columns of every table ("Understanding the Azure Resource Graph query
# language"), and an alert as the Alerts - Get By Id operation shows its `essentials`.
ALERTS = {
    "id": "string",
    "name": "string",
    "type": "string",
    "resourceGroup": "string",
    "subscriptionId": "string",
    "properties": "dynamic",
}
GROUP = "rg-login"

SHEET = yaml.safe_load(Path(__file__).with_name("workbook_tiles.yaml").read_text(encoding="utf-8"))
EVENTS: list[dict[str, Any]] = SHEET["events"]
SHOWN: dict[str, list[dict[str, Any]]] = SHEET["shown"]


def as_opened(tile: WorkbookTile, account: str = "") -> str:
    """The query as Azure sends it: each placeholder with its value."""
    values = {
        "{Account}": account,
        "{ResourceGroup}": GROUP,
        "{TimeRange:startISO}": START.isoformat(),
        "{TimeRange:endISO}": NOW.isoformat(),
    }
    text = tile.rendered_query()
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text


@pytest.fixture
def tables() -> Iterator[LogTables]:
    """Empty tables with the types of Microsoft's reference."""
    found = LogTables()
    yield found
    found.close()


def fill(tables: LogTables) -> None:
    rows = expand(Yaml(EVENTS, "a workbook"))
    lines = iter(login_lines.lines([(START + row.offset, row.values) for row in rows if row.event]))
    for row in rows:
        values = {"ResultDescription": next(lines)} if row.event else row.values
        tables.write(row.table, [{**values, "TimeGenerated": START + row.offset}], NOW)


def cut(found: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rows in the columns that matter, in an order of their own."""
    pairs = zip(found, shown, strict=True)
    return sorted(json.dumps({key: row.get(key) for key in like}) for row, like in pairs)


def test_every_tile_over_the_logs_says_here_what_it_shows() -> None:
    assert SHOWN.keys() == LOGS.keys()


@pytest.mark.parametrize("slug", sorted(LOGS))
def test_a_tile_shows_what_is_in_the_logs(slug: str, tables: LogTables) -> None:
    fill(tables)
    found = tables.query(as_opened(TILES[slug]), NOW).rows
    assert len(found) == len(SHOWN[slug]), found
    columns = [sorted(each) for each in SHOWN[slug]]
    if all(each == columns[0] for each in columns):
        assert cut(found, SHOWN[slug]) == sorted(json.dumps(each) for each in SHOWN[slug])
    else:
        for row, like in zip(found, SHOWN[slug], strict=True):
            assert {key: row.get(key) for key in like} == like


@pytest.mark.parametrize("slug", sorted(LOGS))
def test_a_tile_runs_over_an_empty_workspace(slug: str, tables: LogTables) -> None:
    rows = tables.query(as_opened(TILES[slug]), NOW).rows
    assert len(rows) == (1 if slug == "sign_in_figures" else 0)


def test_the_audit_trail_is_that_of_the_chosen_account(tables: LogTables) -> None:
    fill(tables)
    rows = tables.query(as_opened(TILES["account_audit_trail"], account=" BOB"), NOW).rows
    assert [row["Account"] for row in rows] == ["bob", "bob"]
    assert rows[0]["TimeGenerated"] > rows[1]["TimeGenerated"]


def test_the_alert_history_is_that_of_the_group_and_the_time_range() -> None:
    def alert(fired: datetime, group: str = GROUP.upper(), **changes: str) -> dict[str, Any]:
        essentials = {
            "severity": "Sev2",
            "monitorCondition": "Fired",
            "alertState": "New",
            "startDateTime": fired.isoformat(),
            "targetResourceGroup": group,
            "monitorService": "Log Alerts V2",
            **changes,
        }
        kind = "microsoft.alertsmanagement/alerts"
        return {"name": "Password spray", "type": kind, "properties": {"essentials": essentials}}

    graph = LogTables(tables={"alertsmanagementresources": {**ALERTS, "TimeGenerated": "datetime"}})
    hour = timedelta(hours=1)
    alerts = [
        alert(NOW - hour),
        alert(NOW - 2 * hour, monitorCondition="Resolved"),
        alert(NOW - hour, group="another"),
        alert(START - hour),
        {**alert(NOW - hour), "type": "microsoft.alertsmanagement/smartgroups"},
    ]
    rows = [{**each, "TimeGenerated": START} for each in alerts]
    graph.write("alertsmanagementresources", rows, START)
    found = graph.query(as_opened(TILES["alert_history"]), NOW).rows
    graph.close()
    assert [(row["Alert"], row["Condition"]) for row in found] == [
        ("Password spray", "Fired"),
        ("Password spray", "Resolved"),
    ]
    assert found[0]["Severity"] == "Sev2"


def test_a_head_names_the_tables_that_its_query_reads(tables: LogTables) -> None:
    wrong = {
        slug: set(each.tables) ^ tables.tables_in(as_opened(each)) for slug, each in LOGS.items()
    }
    assert not {slug: names for slug, names in wrong.items() if names}
    assert any(len(each.tables) > 1 for each in LOGS.values())


def test_the_page_begins_with_sign_ins_and_has_what_a_dashboard_must_have() -> None:
    sections = list(dict.fromkeys(each.section for each in workbook_tile.load_all()))
    assert sections == ["Sign-ins", "Web attacks", "Alerts", "Audit trail", "Platform"]
    assert {
        "sign_ins_over_time",
        "failures_by_address",
        "failures_by_account",
        "attack_vectors",
        "alert_history",
        "account_audit_trail",
        "configuration_changes",
    } <= TILES.keys()


def test_every_description_is_one_line_of_a_table() -> None:
    assert not [
        each.slug
        for each in TILES.values()
        if not each.description.endswith(".") or len(each.description) > 160
    ]
    assert len(TILES) > 10


def test_a_tile_whose_table_may_be_missing_has_something_to_fall_back_on() -> None:
    """The activity log and the platform's logs appear with their first row, or never."""
    rare = {"AzureActivity", "AppServiceAuditLogs", "AppServicePlatformLogs"}
    wrong = [
        slug
        for slug, each in LOGS.items()
        if rare & set(each.tables) and "union isfuzzy=true" not in each.rendered_query()
    ]
    assert not wrong
    assert any(rare & set(each.tables) for each in LOGS.values()), "some tiles read them"


HEAD = """\
// title: T
// description: D.
// section: S
// question: Who is attacking?
// order: 1
// visualization: table
// size: medium
// tables: [AppServiceHTTPLogs]
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("// title: T\n", "// tilte: T\n", ["tilte is not a known key", "'title'?", "tile.kql:1"]),
        ("// title: T\n", "", ["title is missing; expected a text"]),
        ("size: medium", "size: huge", ["size 'huge'", "medium, small, large", "tile.kql:7"]),
        ("order: 1", "order: first", ["order 'first'", "a whole number from 1", "tile.kql:5"]),
        ("order: 1", "order: 1\n// width: 200", ["width 200", "10 to 100"]),
        ("visualization: table", "visualization: map", ["visualization 'map'", "timechart"]),
        ("question: Who is attacking?", "question: Who?", ["question 'Who?'"]),
        ("tables: [AppServiceHTTPLogs]", "tables: []", ["tables []", "at least one"]),
        (
            "AppServiceHTTPLogs\n| take 1",
            'AppServiceHTTPLogs | where CIp == "{Adress}"',
            ["placeholder {Adress} is unknown", "did you mean"],
        ),
    ],
)
def test_a_wrong_tile_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    text = f"{HEAD}\nAppServiceHTTPLogs\n| take 1\n"
    assert old in text
    (tmp_path / "tile.kql").write_text(text.replace(old, new, 1), encoding="utf-8")
    if words[0].startswith("placeholder"):
        words = [words[0]]
    with pytest.raises(RefusedError) as caught:
        workbook_tile.load_all(tmp_path)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_two_tiles_do_not_share_a_place(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.kql").write_text(f"{HEAD}\nAppServiceHTTPLogs\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="order 1 stands twice, in one and two"):
        workbook_tile.load_all(tmp_path)


@pytest.mark.node
def test_microsofts_parser_accepts_every_tile_as_it_is_written_and_as_it_is_opened() -> None:
    root = ROOT
    places = [
        *os.environ.get("NODE_PATH", "").split(os.pathsep),
        str(root / ".lab/kusto/node_modules"),
    ]
    package = "@kusto/language-service-next"
    modules = next((place for place in places if (Path(place) / package).is_dir()), None)
    if shutil.which("node") is None or modules is None:
        pytest.skip(
            f"node or {package} is not installed; tests/support/install-tools.sh installs both"
        )
    queries = {slug: each.rendered_query() for slug, each in TILES.items()}
    queries |= {f"{slug}, opened": as_opened(each) for slug, each in TILES.items()}
    ran = subprocess.run(
        ["node", str(root / "lab" / "check" / "kusto_parser.cjs")],
        input=json.dumps(
            {"tables": {**TABLES, "alertsmanagementresources": ALERTS}, "queries": queries}
        ),
        env={**os.environ, "NODE_PATH": modules},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(ran.stdout) == {}


def test_placeholders_stand_only_where_a_text_stands() -> None:
    """Then the query is KQL in the portal's log page too, and a quote is all that could break."""
    wrong = [
        slug
        for slug, each in TILES.items()
        for found in re.finditer(r"(.)\{[A-Z]\w*(?::\w+)?\}(.)", each.query)
        if found[1] + found[2] != '""'
    ]
    assert not wrong
    assert any("{" in each.query for each in TILES.values()), "some tiles have one"
