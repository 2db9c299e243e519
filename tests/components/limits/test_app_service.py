"""What a plan of some size cannot do: each refusal once, and what just works."""

from typing import Any

import pytest

from components.limits.app_service import SKUS, most_instances, notes, refusals

SHARED = {"shares_limits": True, "shares_users": True}


@pytest.mark.parametrize(
    ("sku", "wanted", "refused"),
    [
        ("F1", {"instances": 2, **SHARED}, "instances 2 is more than F1 takes; expected at most 1"),
        ("B3", {"instances": 4, **SHARED}, "instances 4 is more than B3 takes; expected at most 3"),
        ("S1", {"instances": 11, **SHARED}, "instances 11 is more than S1 takes; expected at m"),
        ("B1", {"instances": 2, "shares_users": True}, "instances 2 cannot work with rate limits"),
        ("B1", {"instances": 2, "shares_limits": True}, "instances 2 cannot work with users in a"),
        ("B1", {"zone_redundant": True}, "zone_redundant True is not offered by B1; expected fal"),
        ("S3", {"zone_redundant": True}, "zone_redundant True is not offered by S3; expected fal"),
        ("P1v3", {"zone_redundant": True}, "instances 1 leaves no zone to fail over to; expected"),
        ("F1", {"joins_network": True}, "app_service_sku F1 cannot join a private network"),
        ("D1", {"joins_network": True}, "app_service_sku D1 cannot join a private network"),
    ],
)
def test_what_cannot_work_is_told_with_key_value_and_expectation(
    sku: str, wanted: dict[str, Any], refused: str
) -> None:
    found = [str(each) for each in refusals(sku, **wanted)]
    assert len(found) == 1
    assert found[0].startswith(refused)
    assert "; expected " in found[0]


@pytest.mark.parametrize("sku", SKUS)
def test_every_size_runs_one_instance(sku: str) -> None:
    assert refusals(sku) == []
    assert refusals(sku, instances=1000, **SHARED)


@pytest.mark.parametrize(
    ("sku", "wanted"),
    [
        ("B1", {"joins_network": True}),
        ("B1", {"instances": 3, **SHARED}),
        ("P0v3", {"instances": 2, "zone_redundant": True, **SHARED}),
        ("P1mv4", {"instances": 30, "zone_redundant": True, **SHARED}),
    ],
)
def test_what_works_is_not_refused(sku: str, wanted: dict[str, Any]) -> None:
    assert refusals(sku, **wanted) == []
    assert refusals(sku, **{**wanted, "instances": 1000})


def test_several_refusals_come_at_once() -> None:
    found = refusals("F1", instances=2, zone_redundant=True, joins_network=True)
    assert len(found) == 5


def test_the_free_size_is_told_about() -> None:
    assert any("health check" in each for each in notes("F1"))
    assert notes("B1") == []
    assert most_instances("F1") == 1


@pytest.mark.parametrize(
    ("sku", "most"), [("F1", 1), ("b3", 3), ("S1", 10), ("P1v3", 30), ("I1v2", 100), ("?", 1)]
)
def test_a_plan_takes_as_many_instances_as_its_tier(sku: str, most: int) -> None:
    assert most_instances(sku) == most
