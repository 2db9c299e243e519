"""The bill of a stack: a line for each thing that costs, and what has no price here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.azure import TYPES
from lab.azure.core.billing import Free
from lab.azure.core.resource import Resource
from lab.cost import alerts, hosting, logs
from lab.cost.line import CostLine, Entry, Unpriced
from lab.cost.log_volume import LogVolume
from lab.cost.price_list import Grant, PriceList
from lab.cost.scene import Scene
from lab.cost.usage import Usage

PRICED: Final = {**hosting.PRICED, **logs.PRICED, **alerts.PRICED}
OF_PULUMI: Final = ("random:", "command:", "pulumi:")
"""Providers whose resources are nothing in a cloud."""


@dataclass(frozen=True)
class GrantUse:
    """What a free grant takes off this bill, when nothing else uses it up."""

    grant: Grant
    saves: float

    def as_json(self) -> dict[str, Any]:
        return {
            "of": self.grant.key,
            "quantity": self.grant.quantity,
            "unit": self.grant.unit,
            "shared_in": self.grant.of,
            "saves": round(self.saves, 4),
        }


@dataclass(frozen=True)
class Estimate:
    """A month of a stack, in the price list's currency."""

    scene: Scene
    lines: Sequence[CostLine]
    unpriced: Sequence[Unpriced]
    free: Sequence[str]
    """Types of resources that cost nothing by themselves."""

    @property
    def monthly(self) -> float:
        return sum(each.monthly for each in self.lines)

    @property
    def grants(self) -> list[GrantUse]:
        """What Azure's free grants take off, the largest first."""
        found = []
        for key, grant in self.scene.prices.grants.items():
            used = [each for each in self.lines if each.price.key == key]
            quantity = min(sum(each.quantity for each in used), grant.quantity)
            if used and quantity:
                found.append(GrantUse(grant, quantity * used[0].price.amount))
        return sorted(found, key=lambda each: -each.saves)

    @property
    def after_grants(self) -> float:
        return self.monthly - sum(each.saves for each in self.grants)

    @property
    def unconfirmed(self) -> list[str]:
        """Keys of the prices in use that no source at hand states."""
        return sorted({each.price.key for each in self.lines if not each.price.is_confirmed})

    def as_json(self) -> dict[str, Any]:
        prices, scene = self.scene.prices, self.scene
        return {
            "currency": prices.currency,
            "monthly": round(self.monthly, 2),
            "monthly_after_free_grants": round(self.after_grants, 2),
            "prices_read": prices.read.isoformat(),
            "usage": scene.usage.as_json(),
            "log_volume": scene.volume.as_json(),
            "lines": [each.as_json() for each in self.lines],
            "grants": [each.as_json() for each in self.grants],
            "unpriced": [each.as_json() for each in self.unpriced],
            "free": list(self.free),
            "unconfirmed": self.unconfirmed,
        }


def estimate(
    resources: Sequence[Resource], usage: Usage, volume: LogVolume, prices: PriceList
) -> Estimate:
    """The bill of these resources; a type that nobody knows is unpriced, never free."""
    scene = Scene(resources, usage, volume, prices)
    entries = [entry for each in resources for entry in _entries(each, scene)]
    return Estimate(
        scene=scene,
        lines=[each for each in entries if isinstance(each, CostLine)],
        unpriced=[each for each in entries if isinstance(each, Unpriced)],
        free=sorted({each.token for each in resources if _is_free(each)}),
    )


def _entries(resource: Resource, scene: Scene) -> list[Entry]:
    token = resource.token
    if _is_free(resource) or token.startswith(OF_PULUMI):
        return []
    kind = TYPES.get(token)
    if kind in PRICED:
        return list(PRICED[kind](resource, scene))
    return [Unpriced(resource.logical_name, token, token, "no price is known for its type")]


def _is_free(resource: Resource) -> bool:
    kind = TYPES.get(resource.token)
    return kind is not None and isinstance(kind.billing, Free)
