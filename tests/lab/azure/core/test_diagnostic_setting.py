"""Diagnostic settings: which rows reach which workspace."""

from datetime import timedelta
from typing import Any

import pytest

from components.limits import log_category
from lab.azure import Azure
from lab.azure.core.diagnostic_setting import categories, workspaces_for
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from tests.lab.azure.conftest import START
from tests.support.monitored_stack import SETTING, TABLE, a_setting, a_source, a_workspace, an_app


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
    assert workspaces_for(azure, source.id, TABLE)
    azure.resources.delete(setting.id)
    assert workspaces_for(azure, source.id, TABLE) == []


@pytest.mark.parametrize(
    ("logs", "found"),
    [
        ([{"category": "AppServiceHTTPLogs", "enabled": True}], {"AppServiceHTTPLogs"}),
        ([{"category": "AppServiceHTTPLogs", "enabled": False}], set()),
        (
            [{"categoryGroup": "allLogs", "enabled": True}],
            {*log_category.EVERY_TIER, *log_category.FROM_PREMIUM},
        ),
        (
            [{"categoryGroup": "audit", "enabled": True}],
            set(log_category.AUDIT),
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
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    with pytest.raises(ResourceError, match="AppServiceHttpLogs.*AppServiceHTTPLogs"):
        a_setting(azure, source, workspace, logs=[log("AppServiceHttpLogs")])


def log(category: str) -> dict[str, Any]:
    return {"category": category, "enabled": True}


@pytest.mark.parametrize("category", log_category.FROM_PREMIUM)
@pytest.mark.parametrize(("size", "taken"), [("B1", False), ("S1", False), ("P0v3", True)])
def test_the_tier_of_the_plan_decides_which_categories_an_app_has(
    azure: Azure, group: Resource, category: str, size: str, taken: bool
) -> None:
    workspace, app = a_workspace(azure, group), an_app(azure, group, size)
    if taken:
        setting = a_setting(azure, app, workspace, logs=[log(category)])
        assert categories(setting.inputs) == {category}
        return
    with pytest.raises(ResourceError, match=f"'{category}' is not supported"):
        a_setting(azure, app, workspace, logs=[log(category)])


def test_a_plan_has_metrics_and_no_logs(azure: Azure, group: Resource) -> None:
    workspace, app = a_workspace(azure, group), an_app(azure, group, "B1")
    plan = azure.resources.get(app.inputs["serverFarmId"])
    metrics = [{"category": "AllMetrics", "enabled": True}]
    assert a_setting(azure, plan, workspace, logs=[], metrics=metrics)
    with pytest.raises(ResourceError, match="is not supported; expected none"):
        a_setting(azure, plan, workspace, name="logs", logs=[log("AppServiceHTTPLogs")])


def test_a_resource_group_has_no_diagnostic_settings(azure: Azure, group: Resource) -> None:
    workspace = a_workspace(azure, group)
    with pytest.raises(ResourceError, match=r"has no diagnostic settings; .*resourceGroups has"):
        a_setting(azure, group, workspace, logs=[log("Administrative")])


@pytest.mark.parametrize("policy", [{"enabled": True, "days": 30}, {"enabled": False, "days": 7}])
@pytest.mark.parametrize("key", ["logs", "metrics"])
def test_retention_of_a_setting_is_refused(
    azure: Azure, group: Resource, key: str, policy: dict[str, Any]
) -> None:
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    category = TABLE if key == "logs" else "AllMetrics"
    kept = {**log(category), "retentionPolicy": policy}
    with pytest.raises(
        ResourceError, match=rf"{key}\[0\].retentionPolicy .*new diagnostic settings"
    ):
        a_setting(azure, source, workspace, **{key: [kept]})
    kept["retentionPolicy"] = {"enabled": False, "days": 0}
    assert a_setting(azure, source, workspace, **{key: [kept]})


def test_settings_without_names_of_their_own_share_no_sink(azure: Azure, group: Resource) -> None:
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    given = {"resourceUri": source.id, "workspaceId": workspace.id, "logs": [log(TABLE)]}
    first = azure.resources.create(SETTING, "first", given)
    with pytest.raises(ResourceError, match=f"already used in diagnostic setting {first.name}"):
        azure.resources.create(SETTING, "second", given)
    other = azure.resources.create(
        SETTING, "second", {**given, "logs": [log("AppServiceConsoleLogs")]}
    )
    with pytest.raises(ResourceError, match="already used"):
        azure.resources.update(other.id, given)
    assert other.inputs["logs"] == [log("AppServiceConsoleLogs")]
    azure.resources.update(first.id, {**given, "logs": [log(TABLE), log("AppServiceAppLogs")]})


def test_metrics_go_to_a_sink_once_too(azure: Azure, group: Resource) -> None:
    workspace, source = a_workspace(azure, group), a_source(azure, group)
    metrics = [{"category": "AllMetrics", "enabled": True}]
    a_setting(azure, source, workspace, metrics=metrics)
    with pytest.raises(ResourceError, match="AllMetrics.*already used"):
        a_setting(azure, source, workspace, name="again", logs=[], metrics=metrics)


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
