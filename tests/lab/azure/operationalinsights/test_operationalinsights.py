"""Workspaces and saved searches as resources."""

from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables
from tests.lab.azure.conftest import START
from tests.support.monitored_stack import SAVED_SEARCH, a_workspace

ROW = {"TimeGenerated": START, "ResultDescription": "hello"}
TABLE = "AppServiceConsoleLogs"


def test_a_workspace_has_tables_and_a_customer_id_that_a_second_run_has_too(
    azure: Azure, group: Resource
) -> None:
    workspace = a_workspace(azure, group)
    azure.log_tables(workspace.id.upper()).write(TABLE, [ROW], START)
    first = workspace.outputs["customerId"]
    azure.resources.delete(workspace.id)
    with pytest.raises(KeyError):
        azure.log_tables(workspace.id)
    again = a_workspace(azure, group)
    assert again.outputs["customerId"] == first
    assert azure.log_tables(again.id).count() == 0, "a new workspace holds no old rows"


def test_its_rows_can_be_read_when_the_run_is_over(azure: Azure, group: Resource) -> None:
    workspace = a_workspace(azure, group)
    azure.log_tables(workspace.id).write(TABLE, [ROW], START)
    azure.stop()
    tables = LogTables(azure.state_dir / "logs.duckdb", read_only=True)
    assert tables.query(f"{TABLE} | count", START).rows == [{"Count": 1}]
    tables.close()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"retentionInDays": 7.0}, ["retentionInDays", "7", "30 to 730"]),
        ({"retentionInDays": 731.0}, ["retentionInDays", "731"]),
        ({"workspaceCapping": {"dailyQuotaGb": 0.0}}, ["dailyQuotaGb", "-1 (no cap)"]),
    ],
)
def test_what_azure_refuses_is_refused(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ResourceError) as caught:
        a_workspace(azure, group, **changes)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_new_retention_keeps_the_rows(azure: Azure, group: Resource) -> None:
    workspace = a_workspace(azure, group, retentionInDays=30.0)
    tables = azure.log_tables(workspace.id)
    tables.write(TABLE, [ROW], START)
    azure.resources.update(workspace.id, {**workspace.inputs, "retentionInDays": 90.0})
    assert azure.log_tables(workspace.id) is tables
    assert tables.retention is not None
    assert tables.retention.days == 90
    assert tables.count() == 1


def test_a_saved_function_can_be_called_until_it_is_deleted(azure: Azure, group: Resource) -> None:
    workspace = a_workspace(azure, group)
    saved = azure.resources.create(
        SAVED_SEARCH,
        "hello",
        {
            "resourceGroupName": group.name,
            "workspaceName": workspace.name,
            "savedSearchId": "hello",
            "category": "Functions",
            "displayName": "Hello",
            "query": f"{TABLE} | where ResultDescription == 'hello';",
            "functionAlias": "Hello",
        },
    )
    tables = azure.log_tables(workspace.id)
    tables.write(TABLE, [ROW], START)
    assert tables.query("Hello | count", START).rows == [{"Count": 1}]
    azure.resources.delete(saved.id)
    with pytest.raises(KustoError, match="Hello"):
        tables.query("Hello | count", START)
