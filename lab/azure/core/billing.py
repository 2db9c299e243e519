"""What Azure bills of a type of resource."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Free:
    """A resource of this type costs nothing by itself; `why` completes "it …"."""

    why: str


@dataclass(frozen=True)
class Metered:
    """Billed; `prices` are the families of the price list (`app_service` of `app_service/B1`)."""

    prices: tuple[str, ...]


Billing = Free | Metered
