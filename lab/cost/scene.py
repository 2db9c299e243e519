"""All that the price of a resource may depend on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.azure.core.resource import Resource, ResourceType
from lab.cost.line import Entry, MissingPrice
from lab.cost.log_volume import LogVolume
from lab.cost.price_list import Price, PriceList
from lab.cost.usage import Usage


@dataclass(frozen=True)
class Scene:
    """The resources of one stack, how they are used, and the prices."""

    resources: Sequence[Resource]
    usage: Usage
    volume: LogVolume
    prices: PriceList

    def all(self, kind: type[ResourceType]) -> list[Resource]:
        return [each for each in self.resources if each.token == kind.pulumi_type]

    def price(self, key: str) -> Price | MissingPrice:
        """The price of a key, or that there is none."""
        return self.prices.find(key) or MissingPrice(key)


Pricing = Callable[[Resource, Scene], Iterator[Entry]]
"""The lines of one resource's bill."""


def at(inputs: Mapping[str, Any], *path: str) -> Any:
    """What stands at a path of nested objects; None where it ends early."""
    found: Any = inputs
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
