"""What Microsoft Sentinel takes as a scheduled analytics rule. Pure: no pulumi, no I/O.

"Scheduled analytics rules in Microsoft Sentinel", "Service limits for Microsoft Sentinel"; the
suppression's limits are those of Terraform's azurerm provider.
"""

from datetime import timedelta
from typing import Final

LONGEST_QUERY: Final = 10_000
"""Characters; a longer query has to live in a function of the workspace."""
SHORTEST_INTERVAL: Final = timedelta(minutes=5)
LONGEST_INTERVAL: Final = timedelta(days=14)
LONGEST_SUPPRESSION: Final = timedelta(hours=24)
MOST_RULES: Final = 512
"""Of a workspace."""
MOST_ENTITY_MAPPINGS: Final = 10
MOST_IDENTIFIERS: Final = 3
MOST_CUSTOM_DETAILS: Final = 20
LONGEST_ALERT_NAME: Final = 256
"""Bytes of an alert's name, with what its columns put in."""
