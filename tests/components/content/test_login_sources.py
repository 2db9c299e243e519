"""The sources of login events: which are read, what LoginEvents is then, what is left out."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.content import detection, kql_function, login_sources, workbook_tile
from components.content.log_columns import TABLES
from components.content.login_sources import COLUMNS, DEFAULT, EVENTS, OWN
from components.content.places import ROOT
from components.limits import alert_rule
from components.limits.kql_text import code_only
from components.limits.refusal import RefusedError
from lab.logs.log_tables import LogTables

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
FUNCTIONS = kql_function.load_all()
SOURCES = login_sources.known(FUNCTIONS)
ON_EVENTS = {
    slug: found
    for slug, found in detection.load_all().items()
    if EVENTS in {each.name for each in found.functions}
}


def test_by_default_nothing_is_changed() -> None:
    assert login_sources.united(FUNCTIONS, DEFAULT) == FUNCTIONS
    assert detection.load_all(sources=DEFAULT) == detection.load_all()
    left = set(FUNCTIONS) - set(login_sources.needed(FUNCTIONS))
    assert {"LoginLines", "LoginLine"} <= left, "helpers of what is not read go, too"
    assert EVENTS in login_sources.needed(FUNCTIONS)


def test_the_functions_of_a_source_and_its_helpers_are_kept() -> None:
    kept = login_sources.needed(FUNCTIONS, ["lines"])
    assert {"LoginLines", "LoginLine", EVENTS, "AccountKey"} <= set(kept)
    assert not {"HttpStatusLogins", "JsonLogins"} & set(kept)


def test_several_sources_are_one_table_of_events() -> None:
    both = login_sources.united(FUNCTIONS, [OWN, "lines"])
    assert both["JsonLogins"].body == FUNCTIONS[EVENTS].body
    assert both[EVENTS].body.splitlines()[0].endswith("JsonLogins, LoginLines")
    assert both[EVENTS].tables == ("AppServiceConsoleLogs",)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_columns_of_login_events_only(source: str) -> None:
    """Else a union would put the same name twice beside each other, by type."""
    tables = LogTables()
    try:
        for function in login_sources.united(FUNCTIONS, [source]).values():
            tables.save(function)
        whole = tables.shape(f"{EVENTS} | project {', '.join(COLUMNS)}")
        tables.save(FUNCTIONS[SOURCES[source].name])
        own = tables.shape(SOURCES[source].name)
    finally:
        tables.close()
    assert own.items() <= whole.items()
    assert {"TimeGenerated", "EventResult", "_ResourceId"} <= own.keys()
    assert all(table in TABLES for table in SOURCES[source].tables)


def test_the_projects_own_lines_have_every_column() -> None:
    tables = LogTables()
    declared = ", ".join(f"{name}: {kind}" for name, kind in COLUMNS.items())
    try:
        assert tables.shape(FUNCTIONS[EVENTS].body) == tables.shape(f"datatable({declared})[]")
    finally:
        tables.close()
    assert set(SOURCES[OWN].tells) == set(kql_function.TELLS)


def test_every_column_is_documented() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", page, re.MULTILINE))
    assert {name: listed.get(name) for name in COLUMNS} == COLUMNS


def test_a_source_of_ones_own_is_the_file_of_the_page(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    text = page.partition("```\n// description")[2].partition("```")[0]
    assert len(text.splitlines()) <= 20
    for path in kql_function.FUNCTIONS.glob("*.kql"):
        shutil.copy(path, tmp_path)
    (tmp_path / "GatewayLogins.kql").write_text(f"// description{text}", encoding="utf-8")
    line = page.partition("with a line such as this in the log:\n\n```\n")[2].partition("\n")[0]
    found = detection.read(
        detection.DETECTIONS / "brute_force_from_one_address.kql",
        kql_function.load_all(tmp_path),
        ["gateway"],
    )
    assert found.tables == ("AppServiceAppLogs",)
    tables = LogTables()
    try:
        rows = [
            {"TimeGenerated": NOW, "Message": line.replace("7f1c", str(number))}
            for number in range(25)
        ]
        tables.write("AppServiceAppLogs", [*rows, *rows], NOW)
        (alert,) = tables.query(found.rendered_query(), NOW).rows
    finally:
        tables.close()
    assert (alert["SrcIpAddr"], alert["Failures"]) == ("203.0.113.9", 25)


def test_a_detection_says_what_it_needs() -> None:
    """What its query does not do without stands in its head."""
    asked = {"SrcIpAddr": "address", "TargetUsername": "account"}
    for slug, found in ON_EVENTS.items():
        code = code_only(found.rendered_query())
        for column, need in asked.items():
            if f'{column} != ""' in code.partition("let SignInTries =")[0] + found.query:
                assert need in found.needs, slug
        assert found.needs, slug
    others = [each for slug, each in detection.load_all().items() if slug not in ON_EVENTS]
    assert not any(each.needs for each in others)


def test_a_rule_reads_the_sources_that_tell_what_it_needs() -> None:
    both = ["lines", "http_status"]
    by_address = detection.load("brute_force_from_one_address", both)
    assert set(by_address.tables) == {"AppServiceConsoleLogs", "AppServiceHTTPLogs"}
    by_account = detection.load("password_spray", both)
    assert by_account.tables == ("AppServiceConsoleLogs",)
    assert "HttpStatusLogins" not in by_account.rendered_query()
    assert by_account.lack is None


def test_what_no_source_tells_is_a_lack_with_a_reason() -> None:
    found = detection.load("password_spray", ["easy_auth"])
    assert found.lack is not None
    assert str(found.lack) == (
        "password_spray needs account and address, which easy_auth cannot tell"
    )
    mixed = detection.load("scripted_sign_ins", ["lines", "http_status"])
    assert mixed.lack is not None
    assert mixed.lack.needs == ("account", "address", "agent", "success"), "each tells a part"
    assert detection.load("request_flood", ["easy_auth"]).lack is None, "it reads no login events"


@pytest.mark.parametrize("source", SOURCES)
def test_every_rule_stays_within_what_azure_takes(source: str) -> None:
    library = detection.load_all(sources=[source, *DEFAULT])
    assert len(library) > 50
    for found in library.values():
        assert alert_rule.refusals(found.rule_values()) == []


def test_tiles_read_the_tables_of_the_sources() -> None:
    tiles = {each.slug: each for each in workbook_tile.load_all(sources=["http_status"])}
    assert "AppServiceHTTPLogs" in tiles["failures_by_address"].tables
    assert "let AppServiceHTTPLogs = union" in tiles["failures_by_address"].rendered_query()


def test_an_unknown_source_and_none_are_refused() -> None:
    with pytest.raises(RefusedError, match="'line' is unknown; did you mean 'lines'"):
        login_sources.refuse_unknown(["line"])
    with pytest.raises(RefusedError, match="names no source; expected some of json"):
        login_sources.refuse_unknown([])


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("// source: Lines\n// tells: []\n// tables: [T]", "source 'Lines' is not allowed"),
        ("// source: auth0\n// tables: [T]", "tells is missing; expected a list of account"),
        ("// source: auth0\n// tells: [name]\n// tables: [T]", r"tells \['name'\] is not allowed"),
        ("// source: auth0\n// tells: [account]", "tables is missing; expected the log tables"),
        ("// tells: [account]", "source is missing; expected a word in lower case"),
    ],
)
def test_the_head_of_a_source_is_checked(tmp_path: Path, head: str, told: str) -> None:
    file = tmp_path / "Auth0Logins.kql"
    file.write_text(f"// description: Sign-ins at Auth0.\n{head}\nT\n", encoding="utf-8")
    with pytest.raises(RefusedError, match=told):
        kql_function.load_all(tmp_path)
