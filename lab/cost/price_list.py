"""Azure's list prices: one dated file, each price with its region and its source.

Pure: no pulumi. The lab prices stacks with it, the documents price sets of detections.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from components.limits.refusal import Place, Refusal, RefusedError

FILE: Final = Path(__file__).with_name("prices.json")
UNCONFIRMED: Final = "memory"
"""Source of a price that nothing at hand states."""


@dataclass(frozen=True)
class Price:
    """One price; `amount` is in the list's currency, for one `unit`."""

    key: str
    amount: float
    unit: str
    region: str
    source: str
    dated: date

    @property
    def is_confirmed(self) -> bool:
        return self.source != UNCONFIRMED


@dataclass(frozen=True)
class Grant:
    """What Azure gives for nothing each month, once for everything that shares it (`of`)."""

    key: str
    quantity: float
    unit: str
    of: str
    source: str


@dataclass(frozen=True)
class PriceList:
    """Prices and grants by key, such as `app_service/B1`."""

    currency: str
    read: date
    """When somebody last looked the prices up."""
    free_retention_days: int
    sources: Mapping[str, Mapping[str, str]]
    prices: Mapping[str, Price]
    grants: Mapping[str, Grant]

    def find(self, key: str) -> Price | None:
        """The price of a key; nobody may take a missing one for nothing."""
        return self.prices.get(key)

    def __getitem__(self, key: str) -> Price:
        try:
            return self.prices[key]
        except KeyError:
            raise RefusedError.of(
                f"price {key!r} is missing", f"expected one ({FILE.name})"
            ) from None


@functools.cache
def load(file: Path = FILE) -> PriceList:
    """The price list; RefusedError names what is wrong with the file."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        prices = {
            key: Price(
                key=key,
                amount=_amount(key, entry["amount"]),
                unit=entry["unit"],
                region=entry["region"],
                source=_source(key, entry, content),
                dated=date.fromisoformat(entry["dated"]),
            )
            for key, entry in content["prices"].items()
        }
        grants = {
            key: Grant(
                key, entry["quantity"], entry["unit"], entry["of"], _source(key, entry, content)
            )
            for key, entry in content["grants"].items()
        }
        return PriceList(
            currency=content["currency"],
            read=date.fromisoformat(content["read"]),
            free_retention_days=content["free_retention_days"],
            sources=content["sources"],
            prices=prices,
            grants=grants,
        )
    except KeyError as error:
        raise RefusedError(
            Refusal(Place(file.name), f"{error} is missing", "expected it")
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise RefusedError(
            Refusal(Place(file.name), f"the prices cannot be read: {error}")
        ) from error


def _amount(key: str, amount: object) -> float:
    if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0:
        raise RefusedError.of(f"price {key!r} {amount!r} is no amount", "expected 0 or more")
    return float(amount)


def _source(key: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    if entry["source"] not in content["sources"]:
        known = ", ".join(content["sources"])
        raise RefusedError.of(
            f"source {entry['source']!r} of {key!r} is unknown", f"expected {known}"
        )
    return str(entry["source"])
