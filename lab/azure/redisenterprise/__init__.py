"""Microsoft.Cache/redisEnterprise: Azure Managed Redis, run by the Redis of this machine."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from components.limits.redis import PORT, SKUS
from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.backends import Backend, Backends, memory
from lab.azure.core.billing import Free, Metered
from lab.azure.core.location import plain_location
from lab.azure.core.name_rule import DEFAULT_NAME, HYPHENS, NameRule
from lab.azure.core.provider_function import ProviderFunction
from lab.azure.core.resource import RecordedType, Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription
from lab.azure.redisenterprise import server as redis_server
from lab.azure.redisenterprise.server import RedisServer


class RedisEnterprise(ResourceType):
    """The machine below a Redis; nothing answers until it has a database."""

    pulumi_type = "azure-native:redisenterprise:RedisEnterprise"
    path = ArmPath("Microsoft.Cache/redisEnterprise", ("clusterName",))
    has_world_name = True
    name_rule = NameRule(1, 60, r"(?!.*--)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", HYPHENS)
    private_link = ("redisEnterprise",)
    billing = Metered(("managed_redis",))
    replace_on = ("highAvailability", "sku", "clusterName", "zones")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Sizes of Managed Redis; Enterprise takes no new ones."""
        problems = []
        sku = (inputs.get("sku") or {}).get("name")
        if sku not in SKUS and not str(sku).startswith("FlashOptimized_A"):
            expectation = (
                f"expected one such as {', '.join(SKUS[:3])}; Enterprise takes no new ones"
            )
            problems.append(refused("sku.name", sku, expectation))
        tls = inputs.get("minimumTlsVersion")
        if tls is not None and tls != "1.2":
            problems.append(refused("minimumTlsVersion", tls, "expected 1.2"))
        return problems

    def create(self, resource: Resource) -> None:
        region = plain_location(str(resource.outputs.get("location") or ""))
        resource.outputs |= {
            "hostName": f"{resource.name.lower()}.{region}.redis.azure.net",
            "resourceState": "Running",
        }


class Database(ResourceType):
    """A Redis with TLS and a key: a real one on loopback where redis-server is installed."""

    pulumi_type = "azure-native:redisenterprise:Database"
    path = ArmPath("Microsoft.Cache/redisEnterprise/databases", ("clusterName", "databaseName"))
    name_rule = DEFAULT_NAME
    billing = Free("is in its cluster's price")
    replace_on = ("clusterName", "clusteringPolicy", "databaseName", "port")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """One port; RediSearch with its policies ("Use Redis modules")."""
        port = inputs.get("port")
        if port is not None and port != PORT:
            return [refused("port", port, f"expected {PORT}, the one port of Azure Managed Redis")]
        return _search_problems(inputs)

    def create(self, resource: Resource) -> None:
        if not self.azure.run_apps:
            return
        host = _host(self.azure, resource)
        if redis_server.binary() is None:
            self.azure.notices.append(
                f"no Redis on this machine: {resource.inputs['clusterName']} is none; what would "
                "connect to it counts in memory"
            )
            self.azure.service(Backends).add(host, Backend(substitute=memory))
            return
        backends = self.azure.service(Backends)
        encrypted = resource.inputs.get("clientProtocol") != "Plaintext"
        server = RedisServer(
            key(self.azure, resource, "primary"),
            backends.authority if encrypted else None,
            str(resource.inputs.get("evictionPolicy") or "VolatileLRU"),
        )
        backends.add(host, Backend(f"localhost:{server.port}"), server.close)

    def delete(self, resource: Resource) -> None:
        if self.azure.run_apps:
            self.azure.service(Backends).remove(_host(self.azure, resource))


def _search_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """RediSearch wants one endpoint and every key ("Use Redis modules")."""
    if not any(each.get("name") == "RediSearch" for each in inputs.get("modules") or ()):
        return []
    wanted = {"clusteringPolicy": "EnterpriseCluster", "evictionPolicy": "NoEviction"}
    return [
        refused(key, inputs.get(key, ABSENT), f"expected {value} with the module RediSearch")
        for key, value in wanted.items()
        if inputs.get(key) != value
    ]


class AccessPolicyAssignment(RecordedType):
    """Who signs in to a Redis with a token; here the key alone is asked for."""

    pulumi_type = "azure-native:redisenterprise:AccessPolicyAssignment"
    path = ArmPath(
        "Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments",
        ("clusterName", "databaseName", "accessPolicyAssignmentName"),
    )
    billing = Free("is in its cluster's price")


def key(azure: Subscription, database: Resource, which: str) -> str:
    """An access key as Azure makes them: base64, with all that is special in it."""
    return base64.b64encode(bytes.fromhex(azure.resources.digest(which, database.id))).decode()


def list_database_keys(azure: Subscription, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Refused where the database takes no keys."""
    cluster, name = str(arguments["clusterName"]), str(arguments["databaseName"])
    for each in azure.resources.list(Database.pulumi_type):
        if each.name == name and str(each.inputs["clusterName"]).lower() == cluster.lower():
            if each.inputs.get("accessKeysAuthentication") != "Enabled":
                way = each.inputs.get("accessKeysAuthentication", ABSENT)
                problem = refused("accessKeysAuthentication", way, "expected Enabled for keys")
                raise ResourceError(Database.pulumi_type, each.logical_name, [problem])
            return {f"{which}Key": key(azure, each, which) for which in ("primary", "secondary")}
    problem = refused("databaseName", f"{cluster}/{name}", "create it first (404)", "is not found")
    raise ResourceError(Database.pulumi_type, "", [problem])


def _host(azure: Subscription, database: Resource) -> str:
    cluster = azure.resources.get(database.id.rpartition("/databases/")[0])
    return str(cluster.outputs["hostName"])


TYPES: Final[list[type[ResourceType]]] = [RedisEnterprise, Database, AccessPolicyAssignment]
FUNCTIONS: Final[dict[str, ProviderFunction]] = {
    "azure-native:redisenterprise:listDatabaseKeys": list_database_keys
}
