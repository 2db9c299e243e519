"""Prices of what runs: plans, servers, caches, and the ways between them."""

from collections.abc import Iterator, Mapping
from typing import Final

from components.limits.database import STORAGE_SIZES
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.dbforpostgresql import Server
from lab.azure.identity.keyvault import Vault
from lab.azure.network import PrivateEndpoint
from lab.azure.network.privatedns import PrivateZone
from lab.azure.redisenterprise import RedisEnterprise
from lab.azure.web import AppServicePlan
from lab.cost.line import Entry, line
from lab.cost.scene import Pricing, Scene, at

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
    storage = float(at(server.inputs, "storage", "storageSizeGB") or STORAGE_SIZES[0])
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


PRICED: Final[Mapping[type[ResourceType], Pricing]] = {
    AppServicePlan: _plan,
    Server: _postgres,
    RedisEnterprise: _redis,
    Vault: _key_vault,
    PrivateEndpoint: _private_endpoint,
    PrivateZone: _private_dns_zone,
}
