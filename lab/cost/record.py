"""An estimate as reports and other programs read it."""

from collections.abc import Sequence
from typing import Any

from lab.cost import show
from lab.cost.estimate import Estimate
from lab.cost.savings import Suggestion


def record(stack: str, found: Estimate, ideas: Sequence[Suggestion]) -> dict[str, Any]:
    """The whole bill, its sums by item, and what to change."""
    return {
        "stack": stack,
        **found.as_json(),
        "summed": [
            {"item": item, "count": count, "monthly": round(monthly, 4)}
            for item, count, monthly in show.summed(found.lines)
        ],
        "suggestions": [each.as_json() for each in ideas],
        "summary": show.summary(found),
    }
