"""Microsoft.Network: virtual networks, subnets, private endpoints. Nothing is cut off here."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, ip_network
from typing import Any, Final

from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free, Metered
from lab.azure.core.faults import Faults
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription

PRIORITIES: Final = range(100, 4097)
"""Of a rule of a network security group."""
SMALLEST: Final = 29
"""Azure takes no subnet smaller than /29, and five addresses of each are its own."""

NETWORK_NAME: Final = NameRule(
    1, 80, r"[A-Za-z0-9]([\w.-]*\w)?", "letters, digits and -_., a letter or digit first"
)


class VirtualNetwork(ResourceType):
    """Its ranges are checked; every address of the lab is this machine's all the same."""

    pulumi_type = "azure-native:network:VirtualNetwork"
    path = ArmPath("Microsoft.Network/virtualNetworks", ("virtualNetworkName",))
    name_rule = NETWORK_NAME
    billing = Free("is free")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """A network may get its ranges from a pool; then its subnets do, too (UNCONFIRMED)."""
        prefixes = (inputs.get("addressSpace") or {}).get("addressPrefixes") or []
        if not prefixes:
            return []
        return list(_subnet_problems(prefixes, inputs.get("subnets") or []))

    def holds(self, resource: Resource) -> list[Refusal]:
        """A subnet is in use for a while after its last app or server has gone
        (hashicorp/terraform-provider-azurerm #28979, #30011).
        """
        subnet = self.azure.service(Faults).held(resource.id)
        if not subnet:
            return []
        expectation = f"expected its end: subnet {subnet} is in use (InUseSubnetCannotBeDeleted)"
        return [refused("", ABSENT, expectation, "cannot be deleted yet, try again in minutes")]


class Subnet(ResourceType):
    """A subnet of its own resource; azure-native makes it after its network."""

    pulumi_type = "azure-native:network:Subnet"
    path = ArmPath(
        "Microsoft.Network/virtualNetworks/subnets", ("virtualNetworkName", "subnetName")
    )
    name_rule = NETWORK_NAME
    billing = Free("is free")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """A part of its network's ranges, /29 or larger."""
        network = next(
            (
                each
                for each in self.azure.resources.list(VirtualNetwork.pulumi_type)
                if each.name.lower() == str(inputs.get("virtualNetworkName", "")).lower()
            ),
            None,
        )
        if network is None:
            return []  # its parent is missing, which is told already
        prefixes = (network.inputs.get("addressSpace") or {}).get("addressPrefixes") or []
        return [] if not prefixes else list(_subnet_problems(prefixes, [inputs], ""))


class PrivateEndpoint(ResourceType):
    """Checked: whose address it is, and that its subnet is nobody else's. No address is made."""

    pulumi_type = "azure-native:network:PrivateEndpoint"
    path = ArmPath("Microsoft.Network/privateEndpoints", ("privateEndpointName",))
    name_rule = NETWORK_NAME
    billing = Metered(("private_endpoint",))

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """In a subnet of its own, to what has private link, by its group id
        ("Private-link resource", "What is a private endpoint?").
        """
        problems = []
        place = str((inputs.get("subnet") or {}).get("id", ""))
        found = subnet(self.azure, place)
        if found is None:
            problems.append(refused("subnet.id", place, _MISSING, "is not found"))
        elif delegates(found):
            expectation = f"a subnet that is not delegated to {', '.join(delegates(found))}"
            problems.append(refused("subnet.id", place, expectation))
        connections = inputs.get("privateLinkServiceConnections") or []
        for number, each in enumerate(connections):
            place = f"privateLinkServiceConnections[{number}]"
            problems += self._connection_problems(place, each)
        return problems

    def _connection_problems(self, place: str, connection: Mapping[str, Any]) -> list[Refusal]:
        """Rules between the endpoint and what it leads to: its type, and its size."""
        target = str(connection.get("privateLinkServiceId", ""))
        key = f"{place}.privateLinkServiceId"
        found = self.azure.resources.find(target)
        if found is None:
            return [refused(key, target, "create that resource first", "is not found")]
        kind = self.azure.resources.types.kind(found.token)
        if kind is None:
            return []
        if not kind.private_link:
            expectation = "expected a resource that has private link"
            return [refused(key, target, expectation, "takes no private endpoint")]
        if reason := kind.no_private_link(found):
            return [refused(key, target, reason, "takes no private endpoint")]
        groups = connection.get("groupIds") or []
        wanted = ", ".join(kind.private_link)
        return [
            refused(f"{place}.groupIds", groups, f"expected one of {wanted}")
            for _ in range(len(groups) != 1 or groups[0] not in kind.private_link)
        ]


class PrivateDnsZoneGroup(ResourceType):
    """Checked: that the zones exist. Names are led to this machine without them."""

    pulumi_type = "azure-native:network:PrivateDnsZoneGroup"
    path = ArmPath(
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        ("privateEndpointName", "privateDnsZoneGroupName"),
    )
    billing = Free("is in its endpoint's price")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Its zones exist."""
        zones = [
            str(each.get("privateDnsZoneId", ""))
            for each in inputs.get("privateDnsZoneConfigs") or []
        ]
        return [
            refused("privateDnsZoneConfigs", zone, "create that zone first (404)", "is not found")
            for zone in zones
            if self.azure.resources.find(zone) is None
        ]

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """One zone group an endpoint ("Azure Private Endpoint private DNS zone values")."""
        folder = resource.id.lower().rpartition("/")[0]
        others = [
            each
            for each in self.azure.resources.list(self.pulumi_type)
            if each.id.lower() != resource.id.lower()
            and each.id.lower().rpartition("/")[0] == folder
        ]
        endpoint = resource.inputs["privateEndpointName"]
        expectation = "expected one zone group an endpoint; a group takes several zones"
        return [
            refused("privateEndpointName", endpoint, expectation, "has one") for _ in others[:1]
        ]


class NetworkSecurityGroup(ResourceType):
    """Checked: its rules' priorities. Nothing is cut off here."""

    pulumi_type = "azure-native:network:NetworkSecurityGroup"
    path = ArmPath("Microsoft.Network/networkSecurityGroups", ("networkSecurityGroupName",))
    name_rule = NETWORK_NAME
    billing = Free("is free")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Priorities of 100 to 4096, each once in a direction ("Network security groups")."""
        problems = []
        seen: set[tuple[str, int]] = set()
        for number, rule in enumerate(inputs.get("securityRules") or []):
            key, priority = f"securityRules[{number}].priority", rule.get("priority")
            mine = (str(rule.get("direction", "")), int(priority or 0))
            if mine[1] not in PRIORITIES:
                problems.append(refused(key, priority, "expected 100 to 4096"))
            elif mine in seen:
                expectation = f"expected each priority once among the {mine[0]} rules"
                problems.append(refused(key, priority, expectation))
            seen.add(mine)
        return problems


_MISSING: Final = "create that subnet first (404)"


def subnet(azure: Subscription, subnet_id: str) -> dict[str, Any] | None:
    """The inputs of a subnet, whether it was made with its network or after it."""
    own = azure.resources.find(subnet_id)
    if own is not None and own.token == Subnet.pulumi_type:
        return own.inputs
    network_id, _, name = subnet_id.rpartition("/subnets/")
    network = azure.resources.find(network_id)
    for each in (network.inputs.get("subnets") or []) if network is not None else []:
        if str(each.get("name", "")).lower() == name.lower():
            return dict(each)
    return None


def delegates(inputs: dict[str, Any]) -> list[str]:
    """The services that a subnet is delegated to."""
    return [str(each.get("serviceName", "")) for each in inputs.get("delegations") or []]


def delegation_problems(
    azure: Subscription, key: str, subnet_id: str, service: str
) -> list[Refusal]:
    """Whether a subnet is there, and that service's alone."""
    found = subnet(azure, subnet_id)
    if found is None:
        return [refused(key, subnet_id, _MISSING, "is not found")]
    if [each.lower() for each in delegates(found)] != [service.lower()]:
        expectation = f"expected a subnet that is delegated to {service}"
        return [refused(key, subnet_id, expectation)]
    return []


def _subnet_problems(
    prefixes: list[str], subnets: list[dict[str, Any]], key: str = "subnets"
) -> Iterator[Refusal]:
    try:
        spaces = [ip_network(prefix) for prefix in prefixes]
    except ValueError as error:
        yield refused("addressSpace.addressPrefixes", prefixes, str(error))
        return
    taken: list[IPv4Network] = []
    for number, each in enumerate(subnets):
        place = f"{key}[{number}].addressPrefix" if key else "addressPrefix"
        prefix = each.get("addressPrefix") or next(iter(each.get("addressPrefixes") or []), "")
        try:
            own = IPv4Network(str(prefix))
        except ValueError:
            yield refused(place, prefix, "expected an IPv4 range such as 10.80.0.0/26")
            continue
        if own.prefixlen > SMALLEST:
            yield refused(place, prefix, f"expected /{SMALLEST} or larger")
        if not any(isinstance(space, IPv4Network) and own.subnet_of(space) for space in spaces):
            yield refused(place, prefix, f"expected a part of {', '.join(prefixes)}")
        if any(own.overlaps(other) for other in taken):
            yield refused(place, prefix, "expected a range that overlaps no other subnet")
        taken.append(own)


TYPES: Final[list[type[ResourceType]]] = [
    VirtualNetwork,
    Subnet,
    PrivateEndpoint,
    PrivateDnsZoneGroup,
    NetworkSecurityGroup,
]
