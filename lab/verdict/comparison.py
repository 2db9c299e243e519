"""Azure's comparison operators as people write them."""

from collections.abc import Mapping
from typing import Final

SIGNS: Final[Mapping[str, str]] = {
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
    "Equal": "=",
    "GreaterOrLessThan": "<>",
}


def condition(operator: str, threshold: float) -> str:
    """`>= 5`."""
    return f"{SIGNS[operator]} {threshold:g}"
