"""Networks: ranges, delegations, endpoints."""

from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError

KIND = "azure-native:network"


def network(azure: Azure, group: Resource, *prefixes: str, **more: Any) -> Resource:
    subnets = [
        {"name": f"s{number}", "addressPrefix": prefix} for number, prefix in enumerate(prefixes)
    ]
    inputs = {
        "resourceGroupName": group.name,
        "virtualNetworkName": "net",
        "addressSpace": {"addressPrefixes": ["10.80.0.0/24"]},
        "subnets": subnets,
    }
    return azure.resources.create(f"{KIND}:VirtualNetwork", "net", inputs | more)


@pytest.mark.parametrize(
    ("prefixes", "refusal"),
    [
        (["10.81.0.0/28"], r"subnets\[0\].addressPrefix '10.81.0.0/28' .* a part of 10.80.0.0/24"),
        (["10.80.0.0/30"], "expected /29 or larger"),
        (["10.80.0.0/26", "10.80.0.32/28"], r"subnets\[1\].* overlaps no other subnet"),
        (["10.80.0.1/26"], "expected an IPv4 range"),
    ],
)
def test_ranges_that_azure_refuses_are_refused(
    azure: Azure, group: Resource, prefixes: list[str], refusal: str
) -> None:
    with pytest.raises(ResourceError, match=refusal):
        network(azure, group, *prefixes)


def test_a_later_subnet_has_to_lie_in_its_network(azure: Azure, group: Resource) -> None:
    network(azure, group)
    given = {"resourceGroupName": group.name, "virtualNetworkName": "net", "subnetName": "more"}
    with pytest.raises(ResourceError, match="addressPrefix '10.9.0.0/28'"):
        azure.resources.create(f"{KIND}:Subnet", "more", {**given, "addressPrefix": "10.9.0.0/28"})
    azure.resources.create(f"{KIND}:Subnet", "more", {**given, "addressPrefix": "10.80.0.0/28"})


def endpoint(azure: Azure, group: Resource, subnet: str, target: str) -> Resource:
    connection = {"name": "to", "privateLinkServiceId": target, "groupIds": ["blob"]}
    inputs = {
        "resourceGroupName": group.name,
        "subnet": {"id": subnet},
        "privateLinkServiceConnections": [connection],
    }
    return azure.resources.create(f"{KIND}:PrivateEndpoint", "endpoint", inputs)


def test_an_endpoint_needs_a_subnet_of_nobodys_and_a_target(azure: Azure, group: Resource) -> None:
    delegated = {"name": "app", "addressPrefix": "10.80.0.0/26"}
    delegated["delegations"] = [{"serviceName": "Microsoft.Web/serverFarms"}]  # type: ignore[assignment]
    free = {"name": "free", "addressPrefix": "10.80.0.64/28"}
    net = network(azure, group, subnets=[delegated, free])
    account = {
        "resourceGroupName": group.name,
        "accountName": "files",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
    }
    files = azure.resources.create("azure-native:storage:StorageAccount", "files", account)
    with pytest.raises(ResourceError, match="not delegated to Microsoft.Web/serverFarms"):
        endpoint(azure, group, f"{net.id}/subnets/app", files.id)
    with pytest.raises(ResourceError, match="subnet.id .* is not found"):
        endpoint(azure, group, f"{net.id}/subnets/none", files.id)
    with pytest.raises(ResourceError, match="privateLinkServiceId '/nothing' is not found"):
        endpoint(azure, group, f"{net.id}/subnets/free", "/nothing")
    with pytest.raises(ResourceError, match="takes no private endpoint; expected a resource that"):
        endpoint(azure, group, f"{net.id}/subnets/free", net.id)
    endpoint(azure, group, f"{net.id}/subnets/free", files.id)


def test_a_zone_lives_in_no_region_and_is_linked_to_what_exists(
    azure: Azure, group: Resource
) -> None:
    token = "azure-native:privatedns"
    given = {"resourceGroupName": group.name, "privateZoneName": "privatelink.redis.azure.net"}
    with pytest.raises(ResourceError, match="location 'westeurope' .* expected global"):
        azure.resources.create(f"{token}:PrivateZone", "z", {**given, "location": "westeurope"})
    azure.resources.create(f"{token}:PrivateZone", "z", {**given, "location": "global"})
    link = {**given, "location": "global", "virtualNetwork": {"id": "/nothing"}}
    with pytest.raises(ResourceError, match="virtualNetwork.id '/nothing' is not found"):
        azure.resources.create(f"{token}:VirtualNetworkLink", "l", link)
