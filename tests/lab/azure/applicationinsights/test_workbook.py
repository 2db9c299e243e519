"""Workbooks as resources: what Azure would refuse to keep is refused."""

import json
from typing import Any

import pytest

from components import workbook
from components.content import workbook_tile
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError

WORKBOOK = "azure-native:applicationinsights:Workbook"
NAME = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
WORKSPACE = "/subscriptions/s/resourceGroups/rg/providers/w/workspaces/logs"


def a_workbook(azure: Azure, group: Resource, **changes: Any) -> Resource:
    given = {
        "resourceGroupName": group.name,
        "resourceName": NAME,
        "location": "westeurope",
        "kind": "shared",
        "category": "workbook",
        "displayName": "Login security",
        "sourceId": WORKSPACE.lower(),
        "version": "Notebook/1.0",
        "serializedData": workbook.serialized(WORKSPACE, workbook_tile.load_all()),
        **changes,
    }
    return azure.resources.create(WORKBOOK, "dashboard", given)


def test_the_workbook_of_the_dashboard_is_accepted_and_modelled(
    azure: Azure, group: Resource
) -> None:
    made = a_workbook(azure, group)
    assert made.id.endswith(f"/providers/Microsoft.Insights/workbooks/{NAME}")
    assert made not in azure.resources.unmodelled


def data(**changes: Any) -> str:
    return json.dumps({"version": "Notebook/1.0", "items": [], **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"resourceName": NAME.upper()}, ["resourceName", "a lower-case GUID"]),
        ({"serializedData": "{"}, ["serializedData", "is not JSON"]),
        ({"serializedData": "[]"}, ["expected an object with version and items"]),
        ({"serializedData": data(items=[{"type": 2}])}, ["items[0].type 2", "3 (query)"]),
        ({"serializedData": data(items=["x"])}, ["items[0].type 'x'"]),
        ({"serializedData": data(items=[{"type": 1}])}, ["items[0].content", "is missing"]),
        ({"version": "Notebook/2.0"}, ["version 'Notebook/2.0'", "'Notebook/1.0'"]),
        ({"sourceId": WORKSPACE}, ["sourceId", "in lower case"]),
        ({"kind": "user"}, ["kind", "user", "shared"]),
        ({"displayName": " "}, ["displayName", "expected a text"]),
    ],
)
def test_what_azure_would_refuse_is_refused(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ResourceError) as caught:
        a_workbook(azure, group, **changes)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_one_without_a_name_gets_a_guid(azure: Azure, group: Resource) -> None:
    assert len(a_workbook(azure, group, resourceName=None).name) == len(NAME)
