"""Where a resource may lie: in a region of Azure, or elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from components.limits.refusal import Refusal
from components.limits.regions import REGIONS, expected
from lab.azure.core.resource_error import refused

GLOBAL: Final = ("global",)
"""The locations of a type that is in no region (Azure/bicep-types-az)."""


def plain_location(location: object) -> str:
    """`West Europe` and `westeurope` are the same region."""
    return str(location).replace(" ", "").lower()


def location_problems(
    locations: Sequence[str], inputs: Mapping[str, Any], default: str | None
) -> list[Refusal]:
    """`locations` are the type's own, none for a regional one.

    `default` is what the provider fills in: its own setting, else the group's location.
    """
    location = inputs.get("location") or default
    if not isinstance(location, str):
        return []
    plain = plain_location(location)
    if locations and plain not in locations:
        filled = "" if inputs.get("location") else " (filled in by the provider)"
        expectation = f"expected {'one of ' if locations[1:] else ''}{', '.join(locations)}{filled}"
        return [refused("location", location, expectation)]
    if not locations and inputs.get("location") and plain not in REGIONS:
        if plain == "global":
            return [refused("location", location, "expected a region; this type is regional")]
        return [refused("location", location, expected(plain), "is no Azure region")]
    return []
