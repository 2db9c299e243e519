"""Rows on their way from a resource to a workspace, and the end of a run."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START

CONSOLE = "AppServiceConsoleLogs"


@pytest.fixture
def workspace(azure: Azure, group: Resource) -> Resource:
    token = "azure-native:operationalinsights:Workspace"
    return azure.resources.create(token, "logs", {"resourceGroupName": group.name})


@pytest.fixture
def site(azure: Azure, group: Resource) -> Resource:
    return azure.resources.create(
        "azure-native:web:WebApp", "site", {"resourceGroupName": group.name}
    )


def enable(azure: Azure, site: Resource, workspace: Resource, **log: Any) -> Resource:
    return azure.resources.create(
        "azure-native:monitor:DiagnosticSetting",
        "setting",
        {
            "resourceUri": site.id,
            "workspaceId": workspace.id,
            "logs": [{"enabled": True, **log}],
        },
    )


def a_row() -> dict[str, Any]:
    return {"TimeGenerated": START, "ResultDescription": "hello"}


def seen(azure: Azure, workspace: Resource, after: timedelta, table: str = CONSOLE) -> int:
    return len(azure.log_tables(workspace.id).query(table, START + after).rows)


def test_rows_are_seen_after_the_ingestion_delay(
    azure: Azure, site: Resource, workspace: Resource
) -> None:
    enable(azure, site, workspace, category=CONSOLE)
    azure.ingestion.emit(site.id, CONSOLE, [a_row(), a_row()])
    delay = azure.ingestion_delay
    assert seen(azure, workspace, delay - timedelta(seconds=1)) == 0
    assert seen(azure, workspace, delay) == 2
    assert azure.dropped == {}


def test_rows_of_a_category_that_nobody_enabled_are_dropped_and_counted(
    azure: Azure, site: Resource, workspace: Resource
) -> None:
    enable(azure, site, workspace, category="AppServiceHTTPLogs")
    azure.ingestion.emit(site.id, CONSOLE, [a_row(), a_row()])
    assert azure.dropped == {CONSOLE: 2}
    assert seen(azure, workspace, timedelta(days=1)) == 0


def test_rows_of_another_resource_are_dropped(
    azure: Azure, site: Resource, workspace: Resource
) -> None:
    enable(azure, site, workspace, category=CONSOLE)
    azure.ingestion.emit(f"{site.id}-other", CONSOLE, [a_row()])
    assert azure.dropped == {CONSOLE: 1}


def test_rows_are_dropped_once_the_setting_is_gone(
    azure: Azure, site: Resource, workspace: Resource
) -> None:
    setting = enable(azure, site, workspace, categoryGroup="allLogs")
    azure.resources.delete(setting.id)
    azure.ingestion.emit(site.id, CONSOLE, [a_row()])
    assert azure.dropped == {CONSOLE: 1}


def test_rows_are_dropped_once_the_workspace_is_gone(
    azure: Azure, site: Resource, workspace: Resource
) -> None:
    enable(azure, site, workspace, category=CONSOLE)
    azure.resources.delete(workspace.id)
    azure.ingestion.emit(site.id, CONSOLE, [a_row()])
    assert azure.dropped == {CONSOLE: 1}


def test_stopping_ends_the_servers_although_something_else_fails(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    azure = Azure(Clock(START), state_dir=tmp_path / "azure").start()
    azure.loopback.serve(web.Application())
    ended: list[str] = []
    azure.closing.callback(ended.append, "first pushed")

    def fail() -> None:
        raise RuntimeError("the site does not want to end")

    azure.closing.callback(fail)
    with pytest.raises(RuntimeError, match="does not want to end"):
        azure.stop()
    assert ended == ["first pushed"]
    assert set(threading.enumerate()) == before


def test_stopping_twice_is_fine_and_deletes_nothing(azure: Azure, group: Resource) -> None:
    azure.stop()
    azure.stop()
    assert azure.resources.list() == [group]


def test_two_azures_know_nothing_of_each_other(
    tmp_path: Path, azure: Azure, group: Resource
) -> None:
    with Azure(Clock(START), state_dir=tmp_path / "other", run_apps=False) as other:
        assert other.resources.find(group.id) is None
        assert other.resources.list() == []
