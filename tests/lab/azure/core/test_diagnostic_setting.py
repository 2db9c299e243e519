"""Diagnostic settings: which rows reach which workspace."""

from datetime import timedelta
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.diagnostic_setting import SITE_CATEGORIES, categories, workspaces_for
from lab.azure.core.problem import ResourceError
from lab.azure.core.resource import Resource
from tests.lab.azure.conftest import START
from tests.support.monitored_stack import TABLE, a_setting, a_source, a_workspace


def test_rows_of_an_enabled_category_reach_the_workspace_after_the_ingestion_delay(
    azure: Azure, group: Resource
) -> None:
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    a_setting(azure, source, workspace)
    azure.ingestion.emit(source.id, TABLE, [{"TimeGenerated": START}])
    azure.ingestion.emit(source.id, "AppServiceConsoleLogs", [{"TimeGenerated": START}])
    tables = azure.log_tables(workspace.id)
    for minutes, seen in ((2.9, 0), (3, 1)):
        found = tables.query(f"{TABLE} | count", START + timedelta(minutes=minutes)).rows
        assert found == [{"Count": seen}]
    assert tables.count("AppServiceConsoleLogs") == 0
    assert azure.dropped == {"AppServiceConsoleLogs": 1}


def test_two_settings_may_feed_two_workspaces_and_one_feeds_it_once(
    azure: Azure, group: Resource
) -> None:
    first, source = a_workspace(azure, group), a_source(azure, group)
    second = a_workspace_named(azure, group, "audit")
    a_setting(azure, source, first)
    a_setting(azure, source, second, name="to-audit")
    assert workspaces_for(azure, source.id, TABLE) == [first.id, second.id]


def a_workspace_named(azure: Azure, group: Resource, name: str) -> Resource:
    token = "azure-native:operationalinsights:Workspace"
    given = {"resourceGroupName": group.name, "workspaceName": name}
    return azure.resources.create(token, name, given)


def test_a_deleted_setting_feeds_nobody(azure: Azure, group: Resource) -> None:
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    setting = a_setting(azure, source, workspace)
    azure.resources.delete(setting.id)
    assert workspaces_for(azure, source.id, TABLE) == []


@pytest.mark.parametrize(
    ("logs", "found"),
    [
        ([{"category": "AppServiceHTTPLogs", "enabled": True}], {"AppServiceHTTPLogs"}),
        ([{"category": "AppServiceHTTPLogs", "enabled": False}], set()),
        ([{"categoryGroup": "allLogs", "enabled": True}], set(SITE_CATEGORIES)),
        (
            [{"categoryGroup": "audit", "enabled": True}],
            {"AppServiceAuditLogs", "AppServiceIPSecAuditLogs"},
        ),
    ],
)
def test_the_categories_that_a_setting_enables(logs: list[Any], found: set[str]) -> None:
    assert categories({"logs": logs}) == found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workspaceId": "/nowhere"}, ["workspaceId", "'/nowhere'", "exists"]),
        ({"workspaceId": None}, ["workspaceId", "a workspace, or another sink"]),
        ({"name": "service"}, ["name", "'service'", "reserved"]),
        ({"logs": [{"enabled": True}]}, ["logs[0]", "either category or categoryGroup"]),
        (
            {"logs": [{"categoryGroup": "everything", "enabled": True}]},
            ["logs[0].categoryGroup", "'everything'", "allLogs"],
        ),
        (
            {
                "logs": [
                    {"categoryGroup": "audit", "enabled": True},
                    {"category": TABLE, "enabled": True},
                ]
            },
            ["logs", "not both"],
        ),
        (
            {"metrics": [{"category": "Requests", "enabled": True}]},
            ["metrics[0].category", "'Requests'", "AllMetrics"],
        ),
    ],
)
def test_what_azure_refuses_is_refused_with_property_value_and_expectation(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    with pytest.raises(ResourceError) as caught:
        a_setting(azure, source, workspace, **changes)
    message = str(caught.value)
    assert all(word in message for word in words), message


def test_a_category_that_app_service_does_not_have_is_refused_with_those_it_has(
    azure: Azure, group: Resource
) -> None:
    workspace = a_workspace(azure, group)
    source = a_source(azure, group)
    source.id = f"{group.id}/providers/Microsoft.Web/sites/app"
    azure.resources._resources[source.id.lower()] = source  # the type needs a running app
    with pytest.raises(ResourceError, match="AppServiceHttpLogs.*AppServiceHTTPLogs"):
        a_setting(
            azure, source, workspace, logs=[{"category": "AppServiceHttpLogs", "enabled": True}]
        )


def test_one_category_goes_to_one_workspace_through_one_setting_only(
    azure: Azure, group: Resource
) -> None:
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    a_setting(azure, source, workspace)
    with pytest.raises(ResourceError, match="already used in diagnostic setting"):
        a_setting(azure, source, workspace, name="again")


def test_a_resource_has_at_most_five_settings(azure: Azure, group: Resource) -> None:
    source = a_source(azure, group)
    for number in range(5):
        workspace = a_workspace_named(azure, group, f"logs-{number}")
        a_setting(azure, source, workspace, name=f"setting-{number}")
    with pytest.raises(ResourceError, match="at most 5 settings"):
        a_setting(azure, source, a_workspace(azure, group), name="sixth")
