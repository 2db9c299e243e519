"""Azure's regions, and which types live in none."""

from collections.abc import Mapping
from typing import Any, Final

from components.kql_file import nearest
from lab.azure.problem import Problem

# `az account list-locations`: the public regions, without the staging and restricted ones.
REGIONS: Final = frozenset(
    {
        "australiacentral",
        "australiacentral2",
        "australiaeast",
        "australiasoutheast",
        "austriaeast",
        "belgiumcentral",
        "brazilsouth",
        "brazilsoutheast",
        "canadacentral",
        "canadaeast",
        "centralindia",
        "centralus",
        "chilecentral",
        "eastasia",
        "eastus",
        "eastus2",
        "francecentral",
        "francesouth",
        "germanynorth",
        "germanywestcentral",
        "indonesiacentral",
        "israelcentral",
        "italynorth",
        "japaneast",
        "japanwest",
        "jioindiacentral",
        "jioindiawest",
        "koreacentral",
        "koreasouth",
        "malaysiawest",
        "mexicocentral",
        "newzealandnorth",
        "northcentralus",
        "northeurope",
        "norwayeast",
        "norwaywest",
        "polandcentral",
        "qatarcentral",
        "southafricanorth",
        "southafricawest",
        "southcentralus",
        "southeastasia",
        "southindia",
        "spaincentral",
        "swedencentral",
        "swedensouth",
        "switzerlandnorth",
        "switzerlandwest",
        "uaecentral",
        "uaenorth",
        "uksouth",
        "ukwest",
        "westcentralus",
        "westeurope",
        "westindia",
        "westus",
        "westus2",
        "westus3",
    }
)

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
        guess = nearest(plain, REGIONS)
        expectation = guess if guess.startswith("did") else "expected a region such as westeurope"
        return [Problem("location", location, expectation, "is no Azure region")]
    return []
