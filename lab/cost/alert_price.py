"""What alert rules cost a month: by frequency, and by how many time series they watch.

Pure: no pulumi. Azure bills a log alert rule for its first time series, and each further one that
its dimensions make (https://azure.microsoft.com/pricing/details/monitor).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from components.content.detection import Detection
from components.limits.alert_rule import duration
from lab.cost import price_list
from lab.cost.price_list import Price, PriceList

EXPECTED_SERIES: Final = 3
"""Time series of a rule with dimensions at a usual moment: a rule sees the addresses or accounts
that its query leaves, those with failures and probes, not everybody. An attack makes more."""

WORST_SERIES: Final = 300
"""Time series that a rule hands on at most while it is attacked: it filters at its own threshold,
and a stateful rule fires for 300 at an evaluation ("Service limits")."""

_TIERS: Final = (1, 5, 10, 15)
"""Minutes from which each price holds; the last one for everything slower."""


@dataclass(frozen=True)
class RulePrice:
    """A month of one log alert rule."""

    rule: Price
    further_series: int
    series: Price

    @property
    def monthly(self) -> float:
        return self.rule.amount + self.further_series * self.series.amount


def log_alert(frequency: str, series: int, prices: PriceList | None = None) -> RulePrice:
    """The price of a rule with an ISO 8601 frequency; ValueError where that is none."""
    prices = prices or price_list.load()
    tier = _tier(duration(frequency))
    return RulePrice(
        rule=prices[f"log_alert_rule/{tier}"],
        further_series=max(series, 1) - 1,
        series=prices[f"log_alert_series/{tier}"],
    )


def expected_series(dimensions: Iterable[str], series: int = EXPECTED_SERIES) -> int:
    """How many time series a rule with these dimensions is expected to watch."""
    return series if list(dimensions) else 1


def detections(
    chosen: Iterable[Detection],
    series: int = EXPECTED_SERIES,
    prices: PriceList | None = None,
) -> float:
    """A month of the alert rules of a set of detections, in the list's currency."""
    return sum(
        log_alert(each.frequency, expected_series(each.dimensions, series), prices).monthly
        for each in chosen
        if each.enabled
    )


def _tier(frequency: timedelta) -> int:
    minutes = frequency / timedelta(minutes=1)
    return max((tier for tier in _TIERS if tier <= minutes), default=_TIERS[0])
