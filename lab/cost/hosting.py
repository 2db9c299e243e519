"""Prices of what runs: plans, servers, caches, and the ways between them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lab.azure.core.resource import Resource
from lab.cost.line import Entry, line
from lab.cost.scene import Scene, at

PLAN: Final = "azure-native:web:AppServicePlan"
POSTGRES: Final = "azure-native:dbforpostgresql:Server"
REDIS: Final = "azure-native:redisenterprise:RedisEnterprise"
KEY_VAULT: Final = "azure-native:keyvault:Vault"
LEAST_STORAGE_GB: Final = 32
VAULT_OPERATIONS: Final = 1_000
"""A month: an app reads each reference once a day and at each start."""


def _plan(plan: Resource, scene: Scene) -> Iterator[Entry]:
    sku = str(at(plan.inputs, "sku", "name"))
    instances = int(at(plan.inputs, "sku", "capacity") or 1)
    yield line(plan, f"App Service plan {sku}", instances, scene.price(f"app_service/{sku}"))


def _postgres(server: Resource, scene: Scene) -> Iterator[Entry]:
    sku = str(at(server.inputs, "sku", "name"))
    standby = at(server.inputs, "highAvailability", "mode") in ("SameZone", "ZoneRedundant")
    copies, of = (2, "with a standby") if standby else (1, "")
    storage = float(at(server.inputs, "storage", "storageSizeGB") or LEAST_STORAGE_GB)
    yield line(server, f"PostgreSQL {sku}", copies, scene.price(f"postgres/{sku}"), of)
    yield line(server, "PostgreSQL storage", copies * storage, scene.price("postgres_storage"), of)


def _redis(cluster: Resource, scene: Scene) -> Iterator[Entry]:
    sku = str(at(cluster.inputs, "sku", "name"))
    single = cluster.inputs.get("highAvailability") == "Disabled"
    nodes, of = (1, "") if single else (2, "highly available")
    yield line(cluster, f"Managed Redis {sku}", nodes, scene.price(f"managed_redis/{sku}"), of)


def _key_vault(vault: Resource, scene: Scene) -> Iterator[Entry]:
    quantity = VAULT_OPERATIONS / 10_000
    of = f"{VAULT_OPERATIONS:,} operations, expected"
    yield line(vault, "Key Vault operations", quantity, scene.price("key_vault_operations"), of)


def _private_endpoint(endpoint: Resource, scene: Scene) -> Iterator[Entry]:
    yield line(endpoint, "private endpoint", 1, scene.price("private_endpoint"), "without data")


def _private_dns_zone(zone: Resource, scene: Scene) -> Iterator[Entry]:
    yield line(zone, "private DNS zone", 1, scene.price("private_dns_zone"), "without queries")


PRICED: Final[Mapping[str, Callable[[Resource, Scene], Iterator[Entry]]]] = {
    PLAN: _plan,
    POSTGRES: _postgres,
    REDIS: _redis,
    KEY_VAULT: _key_vault,
    "azure-native:network:PrivateEndpoint": _private_endpoint,
    "azure-native:privatedns:PrivateZone": _private_dns_zone,
    "azure-native:network:PrivateZone": _private_dns_zone,
}
FREE: Final[Mapping[str, str]] = {
    "azure-native:resources:ResourceGroup": "holds the rest",
    "azure-native:web:WebApp": "is in its plan's price",
    "azure-native:web:WebAppScmAllowed": "is a property of its web app",
    "azure-native:web:WebAppFtpAllowed": "is a property of its web app",
    "azure-native:web:WebAppSwiftVirtualNetworkConnection": "is in the plan's price",
    "azure-native:dbforpostgresql:Database": "is in its server's price",
    "azure-native:dbforpostgresql:Configuration": "is in its server's price",
    "azure-native:dbforpostgresql:FirewallRule": "is in its server's price",
    "azure-native:dbforpostgresql:Administrator": "is in its server's price",
    "azure-native:dbforpostgresql:AdministratorsMicrosoftEntra": "is in its server's price",
    "azure-native:redisenterprise:Database": "is in its cluster's price",
    "azure-native:redisenterprise:AccessPolicyAssignment": "is in its cluster's price",
    "azure-native:keyvault:Secret": "is paid by operations of its vault",
    "azure-native:authorization:RoleAssignment": "is free",
    "azure-native:managedidentity:UserAssignedIdentity": "is free",
    "azure-native:network:VirtualNetwork": "is free",
    "azure-native:network:Subnet": "is free",
    "azure-native:network:NetworkSecurityGroup": "is free",
    "azure-native:network:PrivateDnsZoneGroup": "is in its endpoint's price",
    "azure-native:network:VirtualNetworkLink": "is in its zone's price",
    "azure-native:privatedns:VirtualNetworkLink": "is in its zone's price",
}
