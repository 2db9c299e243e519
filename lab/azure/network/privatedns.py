"""Microsoft.Network/privateDnsZones: zones, and the networks that see them."""

from typing import Any, Final

from lab.azure.core.problem import Problem
from lab.azure.core.resource import ResourceType
from lab.azure.core.subscription import Subscription

LINK: Final = "azure-native:privatedns:VirtualNetworkLink"


class PrivateZone(ResourceType):
    """Checked: its name. The lab leads names to this machine without it."""

    token = "azure-native:privatedns:PrivateZone"  # noqa: S105 - a Pulumi type token


class VirtualNetworkLink(ResourceType):
    """Checked: that network and zone exist, each zone name once in a network."""

    token = LINK

    def check(self, inputs: dict[str, Any]) -> list[Problem]:
        network = str((inputs.get("virtualNetwork") or {}).get("id", ""))
        if self.azure.resources.find(network) is None:
            expectation = "create that virtual network first (404)"
            return [Problem("virtualNetwork.id", network, expectation, "is not found")]
        return []


def is_linked(azure: Subscription, zone_id: str, network_id: str) -> bool:
    """Whether a zone is seen in a network."""
    return any(
        link.id.lower().startswith(f"{zone_id.lower()}/")
        and str((link.inputs.get("virtualNetwork") or {}).get("id", "")).lower()
        == network_id.lower()
        for link in azure.resources.list(LINK)
    )


TYPES: Final[list[type[ResourceType]]] = [PrivateZone, VirtualNetworkLink]
