"""SharedLimits: one Redis in which every instance of the app counts sign-in attempts."""

from typing import NotRequired, TypedDict
from urllib.parse import quote

import pulumi
from pulumi_azure_native import network, privatedns, redisenterprise

from components import naming
from components.limits.redis import PORT, SKUS
from components.unique_suffix import unique_suffix

# The names that Azure gives them ("Azure Private Endpoint private DNS zone values").
_ZONE = "privatelink.redis.azure.net"
_GROUP = "redisEnterprise"


class SharedLimitsArgs(TypedDict):
    """Inputs of SharedLimits."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the Redis."""
    location: pulumi.Input[str]
    """Required. Azure region of the Redis."""
    network_id: NotRequired[pulumi.Input[str]]
    """Conditional. Virtual network that names are resolved in; required without public access."""
    endpoint_subnet_id: NotRequired[pulumi.Input[str]]
    """Conditional. Subnet for the private endpoint; required without public access."""
    limits_public_access: NotRequired[bool]
    """Optional. Reach the limits by the internet, with TLS and key; false by default."""
    limits_sku: NotRequired[str]
    """Optional. Size of the Redis; Balanced_B0 by default."""
    limits_high_availability: NotRequired[bool]
    """Optional. Keep a second copy of the counters; false by default, which costs half."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class SharedLimits(pulumi.ComponentResource):
    """Azure Managed Redis with one database, TLS required, private unless asked otherwise."""

    redis_id: pulumi.Output[str]
    """Azure id of the Redis."""
    limits_url: pulumi.Output[str]
    """Secret. URL with the access key, as the app's RATE_LIMIT_STORAGE_URL takes it."""

    def __init__(
        self, name: str, args: SharedLimitsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:SharedLimits", name, {}, opts)
        self._name, self._args = name, args
        # Almost everything here has a name of ours, which two cannot have at once.
        self._child = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        self._check()
        cluster = self._cluster()
        database = redisenterprise.Database(
            f"{name}-database",
            cluster_name=cluster.name,
            database_name="default",  # Azure's only name for it
            resource_group_name=args["resource_group_name"],
            client_protocol="Encrypted",
            port=PORT,
            # One endpoint for clients that know nothing of clusters, as the app's is.
            clustering_policy="EnterpriseCluster",
            # A counter that is thrown away is an open door; an error makes the app count itself.
            eviction_policy="NoEviction",
            access_keys_authentication="Enabled",
            opts=self._child,
        )
        last = database if args.get("limits_public_access") else self._endpoint(cluster, database)
        keys = redisenterprise.list_database_keys_output(
            cluster_name=cluster.name,
            database_name=database.name,
            resource_group_name=args["resource_group_name"],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        self.redis_id = cluster.id
        # Whoever uses the URL waits until the name in it leads somewhere.
        url = pulumi.Output.all(cluster.host_name, keys.primary_key, last.id).apply(
            lambda known: limits_url(str(known[0]), str(known[1]))
        )
        self.limits_url = pulumi.Output.secret(url)
        self.register_outputs({"redis_id": self.redis_id, "limits_url": self.limits_url})

    def _check(self) -> None:
        if self._sku not in SKUS:
            expected = f"expected one such as {', '.join(SKUS[:4])}"
            raise pulumi.InputPropertyError("limits_sku", f"{self._sku} is no size; {expected}")
        if self._args.get("limits_public_access"):
            return
        for key in ("network_id", "endpoint_subnet_id"):
            if self._args.get(key) is None:
                reason = "is missing; expected with private limits; or give limits_public_access"
                raise pulumi.InputPropertyError(key, reason)

    def _cluster(self) -> redisenterprise.RedisEnterprise:
        suffix = unique_suffix(self._name, self._args, self._child)
        return redisenterprise.RedisEnterprise(
            f"{self._name}-redis",
            cluster_name=suffix.apply(
                lambda digits: naming.unique_name(self._name, digits, naming.REDIS_LIMIT)
            ),
            resource_group_name=self._args["resource_group_name"],
            location=self._args["location"],
            sku=redisenterprise.SkuArgs(name=self._sku),
            high_availability="Enabled"
            if self._args.get("limits_high_availability")
            else "Disabled",
            minimum_tls_version="1.2",
            public_network_access="Enabled"
            if self._args.get("limits_public_access")
            else "Disabled",
            tags=self._args.get("tags"),
            opts=self._child,
        )

    def _endpoint(
        self, cluster: redisenterprise.RedisEnterprise, database: redisenterprise.Database
    ) -> pulumi.CustomResource:
        """A private address for the Redis, and the zone that leads its name there."""
        group, tags = self._args["resource_group_name"], self._args.get("tags")
        endpoint = network.PrivateEndpoint(
            f"{self._name}-endpoint",
            resource_group_name=group,
            location=self._args["location"],
            subnet=network.SubnetArgs(id=self._args["endpoint_subnet_id"]),
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name="redis", private_link_service_id=cluster.id, group_ids=[_GROUP]
                )
            ],
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[database], delete_before_replace=True
            ),
        )
        zone = privatedns.PrivateZone(
            f"{self._name}-zone",
            private_zone_name=_ZONE,
            resource_group_name=group,
            location="global",
            tags=tags,
            opts=self._child,
        )
        link = privatedns.VirtualNetworkLink(
            f"{self._name}-zone-link",
            private_zone_name=zone.name,
            resource_group_name=group,
            location="global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=self._args["network_id"]),
            tags=tags,
            opts=self._child,
        )
        return network.PrivateDnsZoneGroup(
            f"{self._name}-zone-group",
            private_endpoint_name=endpoint.name,
            private_dns_zone_group_name="default",
            resource_group_name=group,
            private_dns_zone_configs=[
                network.PrivateDnsZoneConfigArgs(name="redis", private_dns_zone_id=zone.id)
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[link], delete_before_replace=True),
        )

    @property
    def _sku(self) -> str:
        return self._args.get("limits_sku") or "Balanced_B0"


def limits_url(host: str, key: str) -> str:
    """Keys are base64: what is special in a URL is escaped."""
    return f"rediss://:{quote(key, safe='')}@{host}:{PORT}/0"
