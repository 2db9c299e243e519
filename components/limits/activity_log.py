"""What Azure's activity log holds, and where rules about it may lie."""

from typing import Final

CATEGORIES: Final = (
    *("Administrative", "Autoscale", "Policy", "Recommendation"),
    *("ResourceHealth", "Security", "ServiceHealth"),
)
"""That an alert rule may ask for."""
EXPORTED: Final = (*CATEGORIES, "Alert")
"""That a diagnostic setting of the subscription may send."""

LOCATIONS: Final = ("global", "westeurope", "northeurope")
"""Of an activity-log alert rule (Azure/bicep-types-az, activityLogAlerts 2020-10-01)."""
