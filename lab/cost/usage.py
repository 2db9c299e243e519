"""How much a stack is used: what its bill depends on beside its resources."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from components.limits.refusal import Place, Refusal, RefusedError
from lab.cost.alert_price import EXPECTED_SERIES

HOURS_A_MONTH: Final = 730.0
"""As Azure counts them: a year's hours by twelve."""

DAYS_A_MONTH: Final = HOURS_A_MONTH / 24
SIGN_INS_A_USER: Final = 2.0
REQUESTS_A_SIGN_IN: Final = 12.0
"""Pages, styles and searches of one visit."""

_LIMITS: Final = {
    "users": (1, 100_000_000),
    "sign_ins_a_day": (0, 10_000_000_000),
    "requests_a_day": (0, 100_000_000_000),
    "alerts_a_month": (0, 10_000_000),
    "series": (1, 10_000),
}


@dataclass(frozen=True)
class Usage:
    """What is expected of a day and of a month; made by `expected`."""

    users: int
    sign_ins_a_day: float
    requests_a_day: float
    alerts_a_month: int
    series: int
    """Time series of an alert rule with dimensions, at a usual moment."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def expected(
    users: int = 200,
    *,
    sign_ins_a_day: float | None = None,
    requests_a_day: float | None = None,
    alerts_a_month: int = 30,
    series: int = EXPECTED_SERIES,
) -> Usage:
    """A use; what is left out follows from the users. RefusedError tells what cannot be."""
    sign_ins = users * SIGN_INS_A_USER if sign_ins_a_day is None else sign_ins_a_day
    requests = sign_ins * REQUESTS_A_SIGN_IN if requests_a_day is None else requests_a_day
    usage = Usage(users, sign_ins, requests, alerts_a_month, series)
    refusals = [
        Refusal(
            Place(key=f"--{option(name)}"),
            "is out of range",
            f"expected {low:,} to {high:,}",
            value,
        )
        for name, (low, high) in _LIMITS.items()
        if not low <= (value := getattr(usage, name)) <= high
    ]
    if not refusals and requests < sign_ins:
        what = f"is less than the sign-ins, {sign_ins:g}"
        expected = "expected at least one request for each"
        refusals.append(Refusal(Place(key="--requests"), what, expected, requests))
    if refusals:
        raise RefusedError(*refusals)
    return usage


def option(name: str) -> str:
    """How the command line calls a field: `sign_ins_a_day` is `sign-ins`."""
    return name.replace("_a_day", "").replace("_a_month", "").replace("_", "-")
