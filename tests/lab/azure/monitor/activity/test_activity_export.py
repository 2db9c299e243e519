"""The subscription's activity log in a workspace: what becomes a row, and from when on."""

from datetime import timedelta
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from tests.support.monitored_stack import a_workspace, an_action_group

SETTING = "azure-native:monitor:SubscriptionDiagnosticSetting"


def export(azure: Azure, workspace: Resource, **changes: Any) -> Resource:
    inputs = {
        "workspaceId": workspace.id,
        "logs": [{"category": "Administrative", "enabled": True}],
        **changes,
    }
    return azure.resources.create(SETTING, "activity", inputs)


def operations(azure: Azure, workspace: Resource) -> list[str]:
    tables = azure.log_tables(workspace.id)
    kql = "AzureActivity | where ActivityStatusValue == 'Success' | project OperationNameValue"
    seen = azure.clock.now + azure.ingestion_delay
    return [row["OperationNameValue"] for row in tables.query(kql, seen).rows]


def test_what_is_changed_after_it_becomes_a_row(azure: Azure, group: Resource) -> None:
    workspace = a_workspace(azure, group)
    an_action_group(azure, group)
    setting = export(azure, workspace)
    assert operations(azure, workspace) == [], "neither what was before nor its own creation"
    other = azure.resources.list("azure-native:monitor:ActionGroup")[0]
    azure.resources.change(other, {**other.inputs, "tags": {"changed": "yes"}})
    assert operations(azure, workspace) == ["MICROSOFT.INSIGHTS/ACTIONGROUPS/WRITE"]
    tables = azure.log_tables(workspace.id)
    now = azure.clock.now
    assert tables.query("AzureActivity", now).rows == [], "it takes its time to arrive"
    (row,) = tables.query("AzureActivity", now + timedelta(hours=1)).rows
    assert row["_ResourceId"] == other.id.lower()
    assert row["Caller"] == "lab@example.com"
    azure.resources.remove(setting)
    azure.resources.remove(other)
    assert len(operations(azure, workspace)) == 1


def test_a_category_that_is_not_enabled_sends_nothing(azure: Azure, group: Resource) -> None:
    workspace = a_workspace(azure, group)
    export(azure, workspace, logs=[{"category": "Security", "enabled": True}])
    an_action_group(azure, group)
    assert operations(azure, workspace) == []
    export(azure, workspace, name="changes")
    an_action_group(azure, group, actionGroupName="later")
    assert operations(azure, workspace), "an enabled one does"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workspaceId": "/gone"}, ["workspaceId", "'/gone'", "workspace that exists"]),
        ({"workspaceId": None}, ["workspaceId", "expected a workspace, or another sink"]),
        (
            {"logs": [{"category": "AppServiceHTTPLogs", "enabled": True}]},
            ["logs[0].category", "Administrative"],
        ),
    ],
)
def test_what_azure_refuses_is_refused(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    workspace = a_workspace(azure, group)
    with pytest.raises(ResourceError) as refusal:
        export(azure, workspace, **changes)
    assert all(word in str(refusal.value) for word in words)


def test_a_subscription_takes_five_settings(azure: Azure, group: Resource) -> None:
    workspace = a_workspace(azure, group)
    for number in range(5):
        azure.resources.create(SETTING, f"s{number}", {"workspaceId": workspace.id, "logs": []})
    with pytest.raises(ResourceError, match="at most 5 settings"):
        azure.resources.create(SETTING, "one-more", {"workspaceId": workspace.id, "logs": []})
