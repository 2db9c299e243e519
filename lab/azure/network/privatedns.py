"""Microsoft.Network/privateDnsZones: zones, and the networks that see them."""

from collections.abc import Mapping
from typing import Any, Final

from components.limits.refusal import Refusal
from lab.azure.core.billing import Free, Metered
from lab.azure.core.location import GLOBAL
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription
from lab.azure.network import NETWORK_NAME


class PrivateZone(ResourceType):
    """Checked: its name. The lab leads names to this machine without it."""

    pulumi_type = "azure-native:privatedns:PrivateZone"
    path = ArmPath("Microsoft.Network/privateDnsZones", ("privateZoneName",))
    name_rule = NameRule(
        1, 63, r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", "two labels or more, joined by dots"
    )
    locations = GLOBAL
    billing = Metered(("private_dns_zone",))


class VirtualNetworkLink(ResourceType):
    """Checked: that network and zone exist, each zone name once in a network."""

    pulumi_type = "azure-native:privatedns:VirtualNetworkLink"
    path = ArmPath(
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        ("privateZoneName", "virtualNetworkLinkName"),
    )
    name_rule = NETWORK_NAME
    locations = GLOBAL
    billing = Free("is in its zone's price")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Its network exists."""
        network = str((inputs.get("virtualNetwork") or {}).get("id", ""))
        if self.azure.resources.find(network) is None:
            expectation = "create that virtual network first (404)"
            return [refused("virtualNetwork.id", network, expectation, "is not found")]
        return []

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """A network sees a zone name once, and registers its machines in one zone ("What is a
        virtual network link?", "Private DNS zone limits").
        """
        network = str((resource.inputs.get("virtualNetwork") or {}).get("id", "")).lower()
        zone = _zone_of(resource)
        others = [
            each
            for each in self.azure.resources.list(self.pulumi_type)
            if each.id.lower() != resource.id.lower()
            and str((each.inputs.get("virtualNetwork") or {}).get("id", "")).lower() == network
        ]
        if any(_zone_of(each) == zone for each in others):
            expectation = f"expected a network that has no zone {zone} yet"
            return [refused("virtualNetwork.id", network, expectation, "is linked already")]
        registers = resource.inputs.get("registrationEnabled")
        if registers and any(each.inputs.get("registrationEnabled") for each in others):
            expectation = "expected false: the network registers in another zone already"
            return [refused("registrationEnabled", True, expectation)]
        return []


def _zone_of(link: Resource) -> str:
    return str(link.inputs.get("privateZoneName", "")).lower()


def is_linked(azure: Subscription, zone_id: str, network_id: str) -> bool:
    """Whether a zone is seen in a network."""
    return any(
        link.id.lower().startswith(f"{zone_id.lower()}/")
        and str((link.inputs.get("virtualNetwork") or {}).get("id", "")).lower()
        == network_id.lower()
        for link in azure.resources.list(VirtualNetworkLink.pulumi_type)
    )


TYPES: Final[list[type[ResourceType]]] = [PrivateZone, VirtualNetworkLink]
