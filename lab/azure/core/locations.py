"""Where a type may lie: in a region of Azure, or in none."""

from collections.abc import Mapping
from typing import Any, Final

from components.limits.regions import REGIONS, expected
from lab.azure.core.problem import Problem

_GLOBAL_ONLY: Final = ("global",)

# Types that are not regional: from Azure/bicep-types-az, and for action groups
# "Create and manage action groups" (learn.microsoft.com, 2026-07-21).
ELSEWHERE: Final[dict[str, tuple[str, ...]]] = {
    "azure-native:alertsmanagement:AlertProcessingRuleByName": _GLOBAL_ONLY,
    "azure-native:alertsmanagement:SmartDetectorAlertRule": _GLOBAL_ONLY,
    "azure-native:monitor:ActivityLogAlert": ("global", "westeurope", "northeurope"),
    "azure-native:monitor:MetricAlert": _GLOBAL_ONLY,
    "azure-native:privatedns:PrivateZone": _GLOBAL_ONLY,
    "azure-native:privatedns:VirtualNetworkLink": _GLOBAL_ONLY,
    "azure-native:monitor:ActionGroup": (
        "global",
        "eastus",
        "eastus2",
        "westus",
        "westus2",
        "southcentralus",
        "northcentralus",
        "swedencentral",
        "germanywestcentral",
        "centralindia",
        "southindia",
    ),
}


def plain_location(location: str) -> str:
    """`West Europe` and `westeurope` are the same region."""
    return location.replace(" ", "").lower()


def check(token: str, inputs: Mapping[str, Any], default: str | None) -> list[Problem]:
    """`default` is what the provider fills in: its own setting, else the group's location."""
    location = inputs.get("location") or default
    if not isinstance(location, str):
        return []
    plain = plain_location(location)
    places = ELSEWHERE.get(token)
    if places is not None and plain not in places:
        filled = "" if inputs.get("location") else " (filled in by the provider)"
        expectation = f"expected {'one of ' if places[1:] else ''}{', '.join(places)}{filled}"
        return [Problem("location", location, expectation)]
    if places is None and inputs.get("location") and plain not in REGIONS:
        if plain == "global":
            return [Problem("location", location, "expected a region; this type is regional")]
        return [Problem("location", location, expected(plain), "is no Azure region")]
    return []
