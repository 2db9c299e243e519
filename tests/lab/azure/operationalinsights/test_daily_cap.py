"""The daily cap: billed rows are lost once it is reached, until the reset hour."""

from datetime import timedelta
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.operationalinsights.billed_size import billed_bytes
from lab.azure.operationalinsights.daily_cap import DailyCaps
from tests.lab.azure.conftest import START

WORKSPACE = "azure-native:operationalinsights:Workspace"
CONSOLE = "AppServiceConsoleLogs"
ONE = 100
"""Billed bytes of a row below."""
DAY = timedelta(days=1)


def a_workspace(azure: Azure, group: Resource, name: str = "logs", **capping: float) -> Resource:
    given: dict[str, Any] = {"resourceGroupName": group.name, "workspaceName": name}
    if capping:
        given["workspaceCapping"] = capping
    return azure.resources.create(WORKSPACE, name, given)


def rows(azure: Azure, number: int) -> list[dict[str, Any]]:
    now = azure.clock.now
    size = ONE - len(str(now))
    return [{"TimeGenerated": now, "ResultDescription": "x" * size} for _ in range(number)]


def kept(azure: Azure, workspace: Resource, table: str = CONSOLE) -> int:
    return azure.log_tables(workspace.id).count(table)


def notices(azure: Azure, workspace: Resource) -> list[dict[str, Any]]:
    """What the workspace has said of itself, as an analyst sees it a day later."""
    query = '_LogOperation | where Category =~ "Ingestion" | where Detail contains "OverQuota"'
    return list(azure.log_tables(workspace.id).query(query, azure.clock.now + DAY).rows)


@pytest.fixture
def workspace(azure: Azure, group: Resource) -> Resource:
    """It takes ten rows a day."""
    return a_workspace(azure, group, dailyQuotaGb=10 * ONE / 1e9)


def test_the_row_below_is_as_large_as_it_says(azure: Azure) -> None:
    (row,) = rows(azure, 1)
    assert billed_bytes(CONSOLE, row) == ONE
    assert billed_bytes(CONSOLE, {**row, "_ResourceId": "x" * 50, "Type": CONSOLE}) == ONE
    assert billed_bytes(CONSOLE, {"ResultDescription": "é"}) == 2
    assert billed_bytes("AzureActivity", row) == 0


def test_what_fits_is_kept_and_the_cap_is_not_reached(azure: Azure, workspace: Resource) -> None:
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 4))
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 6))
    assert kept(azure, workspace) == 10
    assert notices(azure, workspace) == []
    assert azure.service(DailyCaps).lost == {}


def test_what_does_not_fit_is_lost_and_the_workspace_says_so_once(
    azure: Azure, workspace: Resource
) -> None:
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 11))
    azure.ingestion.ingest(
        workspace.id, "AppServiceHTTPLogs", [{"TimeGenerated": START, "CIp": "::1"}]
    )
    assert kept(azure, workspace) == 10
    assert kept(azure, workspace, "AppServiceHTTPLogs") == 0
    assert azure.service(DailyCaps).lost == {CONSOLE: 1, "AppServiceHTTPLogs": 1}
    (row,) = notices(azure, workspace)
    assert row["Operation"] == "Data collection stopped"


def test_its_own_row_is_seen_after_the_ingestion_delay(azure: Azure, workspace: Resource) -> None:
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 11))
    tables, delay = azure.log_tables(workspace.id), azure.ingestion_delay
    assert not tables.query("_LogOperation", START + delay - timedelta(seconds=1)).rows
    assert len(tables.query("_LogOperation", START + delay).rows) == 1


def test_rows_that_are_not_billed_come_in_all_the_same(azure: Azure, workspace: Resource) -> None:
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 11))
    azure.ingestion.ingest(
        workspace.id, "AzureActivity", [{"TimeGenerated": START, "Caller": "x" * 5000}]
    )
    assert kept(azure, workspace, "AzureActivity") == 1


def test_the_reset_hour_begins_a_new_day(azure: Azure, workspace: Resource) -> None:
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 11))
    taken = ""
    for hour in range(1, 25):
        azure.clock.run_until(START + timedelta(hours=hour))
        before = kept(azure, workspace)
        azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 1))
        taken += str(kept(azure, workspace) - before)
    before_reset = len(taken) - len(taken.lstrip("0"))
    assert before_reset < 24, "a day has a reset hour"
    assert taken == f"{'0' * before_reset}{'1' * 10}".ljust(24, "0")[:24]
    assert len(notices(azure, workspace)) >= 1


def test_each_workspace_has_a_cap_of_its_own(
    azure: Azure, group: Resource, workspace: Resource
) -> None:
    free = a_workspace(azure, group, "free")
    endless = a_workspace(azure, group, "endless", dailyQuotaGb=-1)
    for each in (workspace, free, endless):
        azure.ingestion.ingest(each.id, CONSOLE, rows(azure, 15))
    assert [kept(azure, each) for each in (workspace, free, endless)] == [10, 15, 15]
    assert notices(azure, free) == notices(azure, endless) == []


def test_a_raised_cap_lets_rows_in_again(azure: Azure, workspace: Resource) -> None:
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 12))
    raised = {**workspace.inputs, "workspaceCapping": {"dailyQuotaGb": 15 * ONE / 1e9}}
    azure.resources.update(workspace.id, raised)
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 7))
    assert kept(azure, workspace) == 15
    assert len(notices(azure, workspace)) == 2


def test_others_can_fill_it_and_a_reset_empties_it(azure: Azure, workspace: Resource) -> None:
    caps = azure.service(DailyCaps)
    caps.fill(workspace.id)
    caps.fill(workspace.id)
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 1))
    assert kept(azure, workspace) == 0
    assert len(notices(azure, workspace)) == 1
    caps.reset(workspace.id)
    azure.ingestion.ingest(workspace.id, CONSOLE, rows(azure, 1))
    assert kept(azure, workspace) == 1


def test_there_is_nothing_to_fill_without_a_cap(azure: Azure, group: Resource) -> None:
    free = a_workspace(azure, group)
    azure.service(DailyCaps).fill(free.id)
    azure.ingestion.ingest(free.id, CONSOLE, rows(azure, 1))
    assert kept(azure, free) == 1
    assert notices(azure, free) == []
