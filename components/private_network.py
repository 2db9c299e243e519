"""PrivateNetwork: where the app, its database and its shared limits meet, out of the internet."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import network

from components.subnet_plan import subnet_plan


class PrivateNetworkArgs(TypedDict):
    """Inputs of PrivateNetwork."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the network."""
    location: pulumi.Input[str]
    """Required. Azure region of the network."""
    address_space: NotRequired[str]
    """Optional. Private IPv4 range of the network, /24 or larger; 10.80.0.0/24 by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class PrivateNetwork(pulumi.ComponentResource):
    """A virtual network with a subnet for the app, one for PostgreSQL, one for endpoints."""

    network_id: pulumi.Output[str]
    """Azure id of the virtual network."""
    app_subnet_id: pulumi.Output[str]
    """Azure id of the subnet that the app joins."""
    database_subnet_id: pulumi.Output[str]
    """Azure id of the subnet that is PostgreSQL's alone."""
    endpoint_subnet_id: pulumi.Output[str]
    """Azure id of the subnet for private endpoints."""

    def __init__(
        self, name: str, args: PrivateNetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:PrivateNetwork", name, {}, opts)
        space = args.get("address_space") or "10.80.0.0/24"
        try:
            plan = subnet_plan(space)
        except ValueError as error:
            raise pulumi.InputPropertyError("address_space", str(error)) from None
        # Azure's own rules: within the network, and out; nothing comes in from the internet.
        guard = network.NetworkSecurityGroup(
            f"{name}-guard",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Subnets of their own resources would be made at once, and Azure takes one change of a
        # network at a time (AnotherOperationInProgress).
        made = network.VirtualNetwork(
            f"{name}-network",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            address_space=network.AddressSpaceArgs(address_prefixes=[space]),
            subnets=[
                _subnet("app", plan.app, guard, "Microsoft.Web/serverFarms"),
                _subnet(
                    "database", plan.database, guard, "Microsoft.DBforPostgreSQL/flexibleServers"
                ),
                _subnet("endpoints", plan.endpoints, guard),
            ],
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.network_id = made.id
        self.app_subnet_id = pulumi.Output.concat(made.id, "/subnets/app")
        self.database_subnet_id = pulumi.Output.concat(made.id, "/subnets/database")
        self.endpoint_subnet_id = pulumi.Output.concat(made.id, "/subnets/endpoints")
        self.register_outputs({key: getattr(self, key) for key in type(self).__annotations__})


def _subnet(
    name: str, prefix: str, guard: network.NetworkSecurityGroup, delegate: str | None = None
) -> network.SubnetArgs:
    """PostgreSQL keeps its write-ahead log in storage, which the endpoint makes reachable."""
    is_database = name == "database"
    return network.SubnetArgs(
        name=name,
        address_prefix=prefix,
        network_security_group=network.NetworkSecurityGroupArgs(id=guard.id),
        delegations=[network.DelegationArgs(name=name, service_name=delegate)]
        if delegate
        else None,
        service_endpoints=[network.ServiceEndpointPropertiesFormatArgs(service="Microsoft.Storage")]
        if is_database
        else None,
    )
