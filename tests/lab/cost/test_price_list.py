"""The price list: dated, with a source for each price, and refused when something is missing."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from components.limits.app_service import SKUS
from components.limits.refusal import RefusedError
from lab.cost import price_list
from lab.cost.price_list import FILE

PRICES = price_list.load()


def changed(folder: Path, change: Callable[[Any], object]) -> Path:
    content = json.loads(FILE.read_text(encoding="utf-8"))
    change(content)
    file = folder / "prices.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_every_price_names_unit_region_source_and_date() -> None:
    for price in PRICES.prices.values():
        assert price.unit, price
        assert price.region, price
        assert price.dated <= PRICES.read, price
        assert price.source in PRICES.sources, price
    assert PRICES.currency == "USD"
    assert PRICES.read >= date(2026, 11, 1)


def test_only_memory_is_unconfirmed_and_its_source_says_so() -> None:
    unconfirmed = {price.source for price in PRICES.prices.values() if not price.is_confirmed}
    assert unconfirmed == {"memory"}
    assert "UNCONFIRMED" in PRICES.sources["memory"]["what"]


def test_every_size_that_a_stack_may_have_has_a_price() -> None:
    """The larger Premium v4 are the exception: no source at hand has them, and a bill says so."""
    missing = [sku for sku in SKUS if PRICES.find(f"app_service/{sku}") is None]
    assert missing == [sku for sku in SKUS if sku.endswith("v4") and sku not in ("P0v4", "P1v4")]


def test_a_price_of_the_smallest_premium_v4_is_hours_of_a_month() -> None:
    """730 hours at 0.073 and 0.146 USD."""
    found = [PRICES[f"app_service/{sku}"].amount for sku in ("P0v4", "P1v4")]
    assert found == [pytest.approx(730 * hourly, abs=0.005) for hourly in (0.073, 0.146)]


def test_a_price_that_is_not_there_is_not_nothing() -> None:
    assert PRICES.find("app_service/X9") is None
    with pytest.raises(RefusedError, match="'app_service/X9' is missing"):
        PRICES["app_service/X9"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["prices"]["log_ingestion"].pop("region"), "'region' is missing"),
        (lambda c: c["prices"]["log_ingestion"].update(amount="2"), "'2' is no amount"),
        (lambda c: c["prices"]["log_ingestion"].update(amount=-1), "-1 is no amount"),
        (lambda c: c["prices"]["log_ingestion"].update(amount=True), "True is no amount"),
        (lambda c: c["prices"]["log_ingestion"].update(source="hearsay"), "'hearsay'"),
        (lambda c: c["prices"]["log_ingestion"].update(dated="soon"), "cannot be read"),
        (lambda c: c.pop("currency"), "'currency' is missing"),
    ],
)
def test_a_broken_list_is_refused(
    tmp_path: Path, change: Callable[[Any], object], words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        price_list.load(changed(tmp_path, change))


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text("{", encoding="utf-8")
    for name in ("prices.json", "none.json"):
        with pytest.raises(RefusedError, match="cannot be read"):
            price_list.load(tmp_path / name)
