"""One line of a bill, or of what the bill leaves open."""

from dataclasses import asdict, dataclass
from typing import Any

from lab.azure.core.resource import Resource
from lab.cost.price_list import Price


@dataclass(frozen=True)
class CostLine:
    """What one resource costs a month under one price; `of` explains the quantity."""

    resource: str
    type: str
    item: str
    quantity: float
    price: Price
    of: str = ""

    @property
    def monthly(self) -> float:
        return self.quantity * self.price.amount

    def as_json(self) -> dict[str, Any]:
        return {
            "resource": self.resource,
            "type": self.type,
            "item": self.item,
            "quantity": round(self.quantity, 4),
            "unit": self.price.unit,
            "unit_price": self.price.amount,
            "monthly": round(self.monthly, 4),
            "region": self.price.region,
            "price_of": self.price.dated.isoformat(),
            "confirmed": self.price.is_confirmed,
            "of": self.of,
        }


@dataclass(frozen=True)
class Unpriced:
    """Something that may cost and has no price here."""

    resource: str
    type: str
    item: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class MissingPrice:
    """A key that the price list does not have."""

    key: str


Entry = CostLine | Unpriced


def line(
    resource: Resource, item: str, quantity: float, price: Price | MissingPrice, of: str = ""
) -> Entry:
    """A line of a resource; without a price it is no line of the bill, and says so."""
    name, token = resource.logical_name, resource.token
    if isinstance(price, MissingPrice):
        return Unpriced(name, token, item, f"the price list has no {price.key}")
    return CostLine(name, token, item, quantity, price, of)
