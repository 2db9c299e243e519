"""Prices of log alert rules: by frequency and time series."""

from dataclasses import replace

import pytest

from components.content import detection
from lab.cost import alert_price

ALL = detection.load_all()
ONE = next(iter(ALL.values()))


@pytest.mark.parametrize(
    ("frequency", "series", "monthly"),
    [
        ("PT1M", 1, 3.00),
        ("PT5M", 1, 1.50),
        ("PT5M", 4, 1.95),
        ("PT10M", 2, 1.10),
        ("PT15M", 11, 1.00),
        ("PT30M", 1, 0.50),
        ("PT6H", 1, 0.50),
        ("P1D", 1, 0.50),
        ("PT5M", 0, 1.50),
    ],
)
def test_a_rule_costs_by_its_frequency_and_each_further_series(
    frequency: str, series: int, monthly: float
) -> None:
    assert alert_price.log_alert(frequency, series).monthly == pytest.approx(monthly)


def test_a_frequency_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected ISO 8601"):
        alert_price.log_alert("often", 1)


def test_a_rule_without_dimensions_watches_one_series() -> None:
    assert alert_price.expected_series((), 9) == 1
    assert alert_price.expected_series(("SrcIpAddr",), 9) == 9


def test_a_set_costs_what_its_rules_cost() -> None:
    rules = [replace(ONE, frequency="PT5M", dimensions=("SrcIpAddr",), enabled=True)] * 2
    assert alert_price.detections(rules, series=3) == pytest.approx(2 * 1.80)
    off = replace(rules[0], enabled=False)
    assert alert_price.detections([*rules, off], series=3) == pytest.approx(2 * 1.80)


def test_the_full_set_costs_more_than_the_essential_one() -> None:
    essential = alert_price.detections(detection.choose("essential"))
    assert 0 < essential < alert_price.detections(ALL.values())


def test_the_worst_case_is_that_of_the_alerts_that_azure_fires_at_once() -> None:
    usual, worst = (
        alert_price.log_alert("PT5M", alert_price.expected_series(["SrcIpAddr"], series)).monthly
        for series in (alert_price.EXPECTED_SERIES, alert_price.WORST_SERIES)
    )
    assert worst > 50 * usual / alert_price.EXPECTED_SERIES
    assert alert_price.expected_series([], alert_price.WORST_SERIES) == 1
