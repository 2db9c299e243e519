"""Rules between a resource and its size, its type, its siblings, its past."""

from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.network import privatedns
from tests.support.monitored_stack import PLAN, SITE, WORKSPACE, an_app

VAULT = "azure-native:keyvault:Vault"
NETWORK = "azure-native:network:VirtualNetwork"
ENDPOINT = "azure-native:network:PrivateEndpoint"
ZONE = "azure-native:privatedns:PrivateZone"
ZONES = "azure-native:network:PrivateDnsZoneGroup"
TENANT = "00000000-0000-0000-0000-000000000001"


def refusal(azure: Azure, token: str, name: str, inputs: dict[str, Any]) -> str:
    with pytest.raises(ResourceError) as caught:
        azure.resources.create(token, name, inputs)
    return str(caught.value)


def where(group: Resource) -> dict[str, Any]:
    return {"resourceGroupName": group.name, "location": "westeurope"}


def a_vault(azure: Azure, group: Resource, **properties: Any) -> Resource:
    given = {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, **properties}
    given.setdefault("enableRbacAuthorization", True)
    return azure.resources.create(VAULT, "vault", {**where(group), "properties": given})


def a_network(azure: Azure, group: Resource, name: str = "net") -> Resource:
    space = {"addressSpace": {"addressPrefixes": ["10.80.0.0/16"]}}
    subnets = [{"name": "endpoints", "addressPrefix": "10.80.1.0/24"}]
    return azure.resources.create(NETWORK, name, {**where(group), **space, "subnets": subnets})


def an_endpoint(azure: Azure, group: Resource, target: Resource, *groups: str) -> dict[str, Any]:
    found = azure.resources.list(NETWORK)
    network = found[0] if found else a_network(azure, group)
    connection = {"name": "to", "privateLinkServiceId": target.id, "groupIds": list(groups)}
    return {
        **where(group),
        "subnet": {"id": f"{network.id}/subnets/endpoints"},
        "privateLinkServiceConnections": [connection],
    }


@pytest.mark.parametrize("token", [SITE, VAULT])
def test_a_host_name_is_taken_in_the_whole_world(azure: Azure, group: Resource, token: str) -> None:
    other = azure.resources.create(
        "azure-native:resources:ResourceGroup", "other", {"location": "westeurope"}
    )
    if token == SITE:
        first = an_app(azure, group, "B1", "login-shop")
        again = {**first.inputs, "name": "Login-Shop", "resourceGroupName": other.name}
    else:
        first = a_vault(azure, group)
        again = {**first.inputs, "vaultName": first.name.upper(), "resourceGroupName": other.name}
    assert "nobody in the world has (409)" in refusal(azure, token, "again", again)


@pytest.mark.parametrize(
    ("size", "changes", "words"),
    [
        ("D1", {}, "D1 is for Windows only"),
        ("B9", {}, "a size for web apps, such as B1 or P1v3"),
        ("I1v2", {}, "an App Service Environment with I1V2"),
        ("P1v3", {"sku": {"name": "P1v3", "capacity": 31}}, "at most 30 with P1V3"),
    ],
)
def test_a_plan_is_of_a_size_that_linux_has(
    azure: Azure, group: Resource, size: str, changes: dict[str, Any], words: str
) -> None:
    plan = {"kind": "linux", "reserved": True, "sku": {"name": size}, **changes}
    assert words in refusal(azure, PLAN, "plan", {**where(group), **plan})


def test_an_isolated_plan_takes_a_hundred_instances(azure: Azure, group: Resource) -> None:
    plan = {"kind": "linux", "reserved": True, "hostingEnvironmentProfile": {"id": "/ase"}}
    sku = {"name": "I1v2", "capacity": 100}
    assert azure.resources.create(PLAN, "plan", {**where(group), **plan, "sku": sku})


def test_a_plan_keeps_its_zones(azure: Azure, group: Resource) -> None:
    sku = {"name": "P1v3", "capacity": 2}
    given = {**where(group), "kind": "linux", "reserved": True, "sku": sku}
    plan = azure.resources.create(PLAN, "plan", given)
    with pytest.raises(ResourceError, match="zoneRedundant True cannot be changed"):
        azure.resources.update(plan.id, {**given, "zoneRedundant": True})
    assert "zoneRedundant" not in plan.inputs
    azure.resources.update(plan.id, {**given, "sku": {"name": "P2v3", "capacity": 2}})


def test_a_plan_stays_as_large_as_its_apps_need(azure: Azure, group: Resource) -> None:
    app = an_app(azure, group, "B1")
    azure.resources.update(app.id, {**app.inputs, "siteConfig": {"alwaysOn": True}})
    plan = azure.resources.get(app.inputs["serverFarmId"])
    with pytest.raises(ResourceError, match="sku.name 'F1' .*app has alwaysOn"):
        azure.resources.update(plan.id, {**plan.inputs, "sku": {"name": "F1"}})
    azure.resources.update(plan.id, {**plan.inputs, "sku": {"name": "S1"}})


def test_an_endpoint_leads_to_what_has_private_link_by_its_own_group(
    azure: Azure, group: Resource
) -> None:
    vault = a_vault(azure, group)
    assert "groupIds ['sites'] is not accepted; expected one of vault" in refusal(
        azure, ENDPOINT, "to-vault", an_endpoint(azure, group, vault, "sites")
    )
    assert azure.resources.create(ENDPOINT, "to-vault", an_endpoint(azure, group, vault, "vault"))
    workspace = azure.resources.create(WORKSPACE, "logs", {"resourceGroupName": group.name})
    assert "takes no private endpoint" in refusal(
        azure, ENDPOINT, "to-logs", an_endpoint(azure, group, workspace, "azuremonitor")
    )


@pytest.mark.parametrize(("size", "taken"), [("F1", False), ("B1", True)])
def test_an_app_has_a_private_endpoint_from_basic_on(
    azure: Azure, group: Resource, size: str, taken: bool
) -> None:
    given = an_endpoint(azure, group, an_app(azure, group, size), "sites")
    if taken:
        assert azure.resources.create(ENDPOINT, "to-app", given)
    else:
        assert "an app in a plan from B1, not F1" in refusal(azure, ENDPOINT, "to-app", given)


def test_an_endpoint_has_one_zone_group(azure: Azure, group: Resource) -> None:
    endpoint = azure.resources.create(
        ENDPOINT, "to-vault", an_endpoint(azure, group, a_vault(azure, group), "vault")
    )
    given = {
        "resourceGroupName": group.name,
        "privateEndpointName": endpoint.name,
        "privateDnsZoneConfigs": [],
    }
    first = azure.resources.create(ZONES, "names", given)
    assert "one zone group an endpoint" in refusal(azure, ZONES, "more", given)
    azure.resources.update(first.id, {**given, "privateDnsZoneGroupName": first.name})


def a_link(azure: Azure, zone: Resource, network: Resource, **changes: Any) -> dict[str, Any]:
    return {
        "resourceGroupName": zone.inputs["resourceGroupName"],
        "location": "global",
        "privateZoneName": zone.name,
        "virtualNetwork": {"id": network.id},
        **changes,
    }


def test_a_network_sees_a_zone_name_once_and_registers_in_one_zone(
    azure: Azure, group: Resource
) -> None:
    network, token = a_network(azure, group), privatedns.VirtualNetworkLink.pulumi_type
    zones = [
        azure.resources.create(
            ZONE,
            name,
            {"resourceGroupName": group.name, "location": "global", "privateZoneName": name},
        )
        for name in ("one.internal", "two.internal")
    ]
    azure.resources.create(
        token, "link", a_link(azure, zones[0], network, registrationEnabled=True)
    )
    assert "is linked already" in refusal(azure, token, "again", a_link(azure, zones[0], network))
    assert "registers in another zone already" in refusal(
        azure, token, "second", a_link(azure, zones[1], network, registrationEnabled=True)
    )
    assert azure.resources.create(token, "second", a_link(azure, zones[1], network))


def test_what_is_chosen_once_for_a_vault_stays(azure: Azure, group: Resource) -> None:
    vault = a_vault(azure, group, softDeleteRetentionInDays=30, enablePurgeProtection=True)
    properties = vault.inputs["properties"]
    for changes, words in (
        ({"softDeleteRetentionInDays": 60}, "expected 30: it is chosen once"),
        ({"enablePurgeProtection": None}, "it cannot be switched off again"),
    ):
        with pytest.raises(ResourceError, match=words):
            azure.resources.update(
                vault.id, {**vault.inputs, "properties": {**properties, **changes}}
            )
    azure.resources.update(vault.id, {**vault.inputs, "tags": {"team": "soc"}})


@pytest.mark.parametrize(
    ("sku", "words"),
    [
        ({"name": "Free"}, "sku.name 'Free' has ended"),
        ({"name": "CapacityReservation"}, "expected one of 100, 200"),
        ({"name": "CapacityReservation", "capacityReservationLevel": 150}, "150 is not accepted"),
        ({"name": "PerGB2018", "capacityReservationLevel": 100}, "expected none without"),
    ],
)
def test_a_workspace_takes_the_tiers_that_are_open(
    azure: Azure, group: Resource, sku: dict[str, Any], words: str
) -> None:
    given = {"resourceGroupName": group.name, "sku": sku}
    assert words in refusal(azure, WORKSPACE, "logs", given)


@pytest.mark.parametrize(
    "changes", [{"evictionPolicy": "NoEviction"}, {"clusteringPolicy": "EnterpriseCluster"}]
)
def test_the_search_module_of_redis_wants_one_endpoint_and_every_key(
    azure: Azure, group: Resource, changes: dict[str, Any]
) -> None:
    sku = {"sku": {"name": "Balanced_B1"}, "publicNetworkAccess": "Disabled"}
    cluster = azure.resources.create(
        "azure-native:redisenterprise:RedisEnterprise", "redis", {**where(group), **sku}
    )
    given = {
        "resourceGroupName": group.name,
        "clusterName": cluster.name,
        "databaseName": "default",
        "modules": [{"name": "RediSearch"}],
        **changes,
    }
    token = "azure-native:redisenterprise:Database"
    assert "with the module RediSearch" in refusal(azure, token, "database", given)
    both = {"evictionPolicy": "NoEviction", "clusteringPolicy": "EnterpriseCluster"}
    assert azure.resources.create(token, "database", given | both)


SERVER = "azure-native:dbforpostgresql:Server"


def a_server(azure: Azure, group: Resource, size: str, tier: str) -> Resource:
    given = {
        **where(group),
        "sku": {"name": size, "tier": tier},
        "administratorLogin": "keeper",
        "administratorLoginPassword": "made-up-Word-7",
        "storage": {"storageSizeGB": 32},
    }
    return azure.resources.create(SERVER, "server", given)


@pytest.mark.parametrize(
    ("size", "tier", "taken"),
    [("Standard_B1ms", "Burstable", False), ("Standard_D2ds_v5", "GeneralPurpose", True)],
)
def test_pgbouncer_is_for_more_than_burstable_sizes(
    azure: Azure, group: Resource, size: str, tier: str, taken: bool
) -> None:
    given = {
        "resourceGroupName": group.name,
        "serverName": a_server(azure, group, size, tier).name,
        "configurationName": "pgbouncer.enabled",
        "source": "user-override",
        "value": "true",
    }
    token = "azure-native:dbforpostgresql:Configuration"
    if taken:
        assert azure.resources.create(token, "pool", given)
    else:
        assert "is not offered by Burstable" in refusal(azure, token, "pool", given)


def test_a_server_needs_a_subnet_of_sixteen_addresses(azure: Azure, group: Resource) -> None:
    service = "Microsoft.DBforPostgreSQL/flexibleServers"
    subnets = [
        {
            "name": name,
            "addressPrefix": prefix,
            "delegations": [{"name": "to", "serviceName": service}],
        }
        for name, prefix in (("small", "10.80.2.0/29"), ("enough", "10.80.3.0/28"))
    ]
    space = {"addressSpace": {"addressPrefixes": ["10.80.0.0/16"]}}
    network = azure.resources.create(NETWORK, "net", {**where(group), **space, "subnets": subnets})
    said = {}
    for name in ("small", "enough"):
        place = {"delegatedSubnetResourceId": f"{network.id}/subnets/{name}"}
        given = {**where(group), "sku": {"name": "Standard_B1ms", "tier": "Burstable"}}
        said[name] = refusal(azure, SERVER, name, {**given, "network": place})
    assert "'10.80.2.0/29' is not accepted; expected /28 or larger" in said["small"]
    assert "/28 or larger" not in said["enough"]
