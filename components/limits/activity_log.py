"""What Azure's activity log holds."""

from typing import Final

CATEGORIES: Final = (
    *("Administrative", "Autoscale", "Policy", "Recommendation"),
    *("ResourceHealth", "Security", "ServiceHealth"),
)
