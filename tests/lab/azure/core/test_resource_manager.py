"""The resource manager: names, ids, parents, duplicates, updates, ends."""

from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.core.resource_manager import ResourceManager
from lab.azure.network import VirtualNetwork
from lab.azure.resources import ResourceGroup
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START

GROUP = "azure-native:resources:ResourceGroup"
WORKSPACE = "azure-native:operationalinsights:Workspace"
ACTION_GROUP = "azure-native:monitor:ActionGroup"
VNET = "azure-native:network:VirtualNetwork"


def an_action_group(group: Resource, **changes: Any) -> dict[str, Any]:
    return {
        "resourceGroupName": group.name,
        "location": "global",
        "groupShortName": "soc",
        "enabled": True,
        **changes,
    }


def refusal(azure: Azure, token: str, inputs: dict[str, Any], name: str = "thing") -> str:
    with pytest.raises(ResourceError) as caught:
        azure.resources.create(token, name, inputs)
    return str(caught.value)


def test_a_resource_without_a_name_gets_its_logical_name_and_eight_hex_digits(
    azure: Azure, group: Resource
) -> None:
    assert group.name.startswith("group")
    assert len(group.name) == len("group") + 8
    int(group.name.removeprefix("group"), 16)


def test_names_follow_from_the_seed(tmp_path: Path) -> None:
    def name(seed: int, logical_name: str) -> str:
        with Azure(Clock(START), state_dir=tmp_path, seed=seed, run_apps=False) as azure:
            return azure.resources.create(GROUP, logical_name, {"location": "eastus"}).name

    assert name(1, "group") == name(1, "group")
    assert name(1, "group") != name(2, "group")
    assert name(1, "group")[-8:] != name(1, "other")[-8:]


def test_an_id_has_arms_form(azure: Azure, group: Resource) -> None:
    given = {"resourceGroupName": group.name, "workspaceName": "logs"}
    workspace = azure.resources.create(WORKSPACE, "logs", given)
    subscription = "/subscriptions/00000000-0000-0000-0000-000000000000"
    assert workspace.id == (
        f"{subscription}/resourceGroups/{group.name}"
        "/providers/Microsoft.OperationalInsights/workspaces/logs"
    )
    assert workspace.outputs["type"] == "Microsoft.OperationalInsights/workspaces"


def test_a_setting_lies_below_the_resource_that_it_extends(azure: Azure, group: Resource) -> None:
    given = {"resourceGroupName": group.name, "workspaceName": "logs"}
    workspace = azure.resources.create(WORKSPACE, "logs", given)
    setting = azure.resources.create(
        "azure-native:monitor:DiagnosticSetting",
        "setting",
        {
            "name": "to-logs",
            "resourceUri": workspace.id,
            "workspaceId": workspace.id,
            "logs": [{"category": "Audit", "enabled": True}],
        },
    )
    assert setting.id == f"{workspace.id}/providers/Microsoft.Insights/diagnosticSettings/to-logs"


def test_the_location_is_the_groups_where_none_is_given(azure: Azure, group: Resource) -> None:
    workspace = azure.resources.create(WORKSPACE, "logs", {"resourceGroupName": group.name})
    assert workspace.outputs["location"] == "westeurope"
    assert "location" not in workspace.inputs


def test_the_providers_location_wins_over_the_groups(azure: Azure, group: Resource) -> None:
    azure.default_location = "northeurope"
    workspace = azure.resources.create(WORKSPACE, "logs", {"resourceGroupName": group.name})
    assert workspace.outputs["location"] == "northeurope"


def test_a_resource_group_that_is_not_there_is_named(azure: Azure) -> None:
    assert refusal(azure, WORKSPACE, {"resourceGroupName": "nowhere"}) == (
        "operationalinsights:Workspace thing: resourceGroupName 'nowhere' is not found; "
        "ResourceGroupNotFound: create it first or pass the name of one that exists (404)"
    )


def test_a_parent_that_is_not_there_is_named(azure: Azure, group: Resource) -> None:
    inputs = {
        "resourceGroupName": group.name,
        "workspaceName": "logs",
        "category": "hunting",
        "displayName": "Logins",
        "query": "AppServiceConsoleLogs",
    }
    problem = refusal(azure, "azure-native:operationalinsights:SavedSearch", inputs)
    assert "workspaceName 'logs' is not found; ParentResourceNotFound" in problem


def test_a_second_resource_of_the_same_name_is_refused_whatever_the_case(
    azure: Azure, group: Resource
) -> None:
    first = an_action_group(group, actionGroupName="soc")
    azure.resources.create(ACTION_GROUP, "first", first)
    problem = refusal(azure, ACTION_GROUP, first | {"actionGroupName": "SOC"}, "second")
    assert problem == (
        "monitor:ActionGroup second: actionGroupName 'SOC' is taken; "
        "monitor:ActionGroup first has this name (409 Conflict)"
    )


def test_every_problem_of_a_resource_is_told_at_once(azure: Azure, group: Resource) -> None:
    inputs = an_action_group(group, groupShortName=5.0, enable=True)
    assert len(refusal(azure, ACTION_GROUP, inputs).splitlines()) == 2


def test_a_refused_resource_does_not_exist(azure: Azure, group: Resource) -> None:
    refusal(azure, ACTION_GROUP, an_action_group(group, enabled="yes"))
    assert azure.resources.list(ACTION_GROUP) == []


def test_a_secret_is_not_shown_in_its_refusal(azure: Azure, group: Resource) -> None:
    inputs = an_action_group(group, webhookReceivers=[{"name": "hook", "serviceUri": 12345}])
    with pytest.raises(ResourceError) as caught:
        azure.resources.create(ACTION_GROUP, "soc", inputs, secrets=["webhookReceivers"])
    assert "12345" not in str(caught.value)
    assert "webhookReceivers[0].serviceUri [secret] is not accepted" in str(caught.value)


def test_deleting_twice_is_refused(azure: Azure, group: Resource) -> None:
    azure.resources.delete(group.id)
    with pytest.raises(ResourceError, match="is not found; it was deleted or never created"):
        azure.resources.delete(group.id)


def test_deleting_a_group_ends_what_is_inside_last_created_first(azure: Azure) -> None:
    ended: list[str] = []

    class Watched(ResourceType):
        pulumi_type = VNET
        path = VirtualNetwork.path

        def delete(self, resource: Resource) -> None:
            ended.append(resource.logical_name)

    manager = ResourceManager(azure, [ResourceGroup, Watched], {})
    group = manager.create(GROUP, "group", {"location": "eastus"})
    other = manager.create(GROUP, "other", {"location": "eastus"})
    for name in ("one", "two"):
        manager.create(VNET, name, {"resourceGroupName": group.name})
    manager.create(VNET, "kept", {"resourceGroupName": other.name})
    manager.delete(group.id)
    assert ended == ["two", "one"]
    assert [resource.logical_name for resource in manager.list()] == ["other", "kept"]


def test_deleting_everything_goes_on_when_one_part_fails(azure: Azure) -> None:
    ended: list[str] = []

    class Stubborn(ResourceType):
        pulumi_type = VNET
        path = VirtualNetwork.path

        def delete(self, resource: Resource) -> None:
            ended.append(resource.logical_name)
            if resource.logical_name == "two":
                raise RuntimeError("still in use")

    manager = ResourceManager(azure, [ResourceGroup, Stubborn], {})
    group = manager.create(GROUP, "group", {"location": "eastus"})
    for name in ("one", "two", "three"):
        manager.create(VNET, name, {"resourceGroupName": group.name})
    assert [str(failure) for failure in manager.delete_all()] == ["still in use"]
    assert ended == ["three", "two", "one"]
    assert manager.list() == []


def test_an_id_is_found_whatever_its_case(azure: Azure, group: Resource) -> None:
    assert azure.resources.get(group.id.upper()) is group
    assert azure.resources.find("/subscriptions/x") is None


def test_a_type_that_nobody_models_is_a_record_and_listed_as_such(
    azure: Azure, group: Resource
) -> None:
    token = "azure-native:network:RouteTable"
    table = azure.resources.create(token, "routes", {"resourceGroupName": group.name})
    assert azure.resources.unmodelled == [table]
    assert table.id.endswith(f"/providers/Microsoft.Network/routeTables/{table.name}")


def test_changed_inputs_reach_the_resource_that_is_there(azure: Azure, group: Resource) -> None:
    made = azure.resources.create(ACTION_GROUP, "soc", an_action_group(group, tags={"a": "b"}))
    changed = azure.resources.update(made.id, an_action_group(group, groupShortName="night"))
    assert changed is made
    assert made.outputs["groupShortName"] == "night"
    assert "tags" not in made.outputs


def test_a_bad_change_is_refused_and_leaves_the_resource_alone(
    azure: Azure, group: Resource
) -> None:
    made = azure.resources.create(ACTION_GROUP, "soc", an_action_group(group))
    with pytest.raises(ResourceError, match="enabled 'yes' is not accepted"):
        azure.resources.update(made.id, an_action_group(group, enabled="yes"))
    assert made.inputs["enabled"] is True


def test_a_change_of_what_cannot_change_makes_a_new_resource(azure: Azure) -> None:
    class Replaced(ResourceType):
        pulumi_type = VNET
        path = VirtualNetwork.path
        replace_on = ("addressSpace",)

    manager = ResourceManager(azure, [ResourceGroup, Replaced], {})
    group = manager.create(GROUP, "group", {"location": "eastus"})
    made = manager.create(VNET, "net", {"resourceGroupName": group.name})
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    changed = manager.update(made.id, {"resourceGroupName": group.name, **space})
    assert changed is not made
    assert manager.list(VNET) == [changed]


def test_a_type_that_fails_to_start_leaves_nothing_behind(azure: Azure) -> None:
    class Broken(ResourceType):
        pulumi_type = VNET
        path = VirtualNetwork.path

        def create(self, resource: Resource) -> None:
            raise ResourceError(
                self.pulumi_type, resource.logical_name, [refused("", 1, "", "broke")]
            )

    manager = ResourceManager(azure, [ResourceGroup, Broken], {})
    group = manager.create(GROUP, "group", {"location": "eastus"})
    with pytest.raises(ResourceError, match="broke"):
        manager.create(VNET, "net", {"resourceGroupName": group.name})
    assert manager.list() == [group]


@pytest.mark.parametrize(
    ("token", "inputs", "words"),
    [
        (GROUP, {"location": "westeurop"}, "is no Azure region; did you mean 'westeurope'?"),
        (GROUP, {"location": "mars"}, "is no Azure region; expected a region such as westeurope"),
        (GROUP, {"location": "global"}, "expected a region; this type is regional"),
        (GROUP, {}, "location is missing; give one, or set azure-native:location"),
        (GROUP, {"location": "eastus", "resourceGroupName": "ends."}, "is no name that Azure"),
        (GROUP, {"location": "eastus", "resourceGroupName": "g" * 91}, "has 91 characters"),
    ],
)
def test_a_bad_place_or_name_is_refused(
    azure: Azure, token: str, inputs: dict[str, Any], words: str
) -> None:
    assert words in refusal(azure, token, inputs)


def test_both_spellings_of_a_region_are_accepted(azure: Azure) -> None:
    group = azure.resources.create(GROUP, "group", {"location": "West Europe"})
    assert group.outputs["location"] == "West Europe"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("westeurope", "location 'westeurope' is not accepted; expected one of global, eastus"),
        (None, "(filled in by the provider)"),
    ],
)
def test_an_action_group_in_the_groups_region_is_refused(
    azure: Azure, group: Resource, location: str | None, words: str
) -> None:
    assert words in refusal(azure, ACTION_GROUP, an_action_group(group, location=location))


def test_a_look_up_gives_the_outputs_of_what_is_there(azure: Azure, group: Resource) -> None:
    token = "azure-native:resources:getResourceGroup"
    found = azure.resources.invoke(token, {"resourceGroupName": group.name})
    assert (found["id"], found["location"]) == (group.id, "westeurope")
    with pytest.raises(ResourceError, match="is not found"):
        azure.resources.invoke(token, {"resourceGroupName": "nowhere"})


def test_who_deploys_is_the_same_in_every_run(azure: Azure) -> None:
    config = azure.resources.invoke("azure-native:authorization:getClientConfig", {})
    assert config["subscriptionId"] == "00000000-0000-0000-0000-000000000000"
    assert set(config) == {"clientId", "objectId", "subscriptionId", "tenantId"}


def test_a_function_that_nobody_models_is_refused(azure: Azure) -> None:
    with pytest.raises(ResourceError, match="storage:listStorageAccountKeys: is unknown"):
        azure.resources.invoke("azure-native:storage:listStorageAccountKeys", {})


def test_children_of_an_unknown_type_may_have_one_name_under_two_parents(
    azure: Azure, group: Resource
) -> None:
    token = "azure-native:storage:BlobContainer"
    made = [
        azure.resources.create(
            token,
            f"in-{account}",
            {"resourceGroupName": group.name, "accountName": account, "containerName": "logs"},
        )
        for account in ("one", "two")
    ]
    assert [each.name for each in made] == ["logs", "logs"]
    assert made[0].id.endswith("/providers/Microsoft.Storage/accounts/one/blobContainers/logs")
