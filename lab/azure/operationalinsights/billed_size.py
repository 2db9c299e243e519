"""How many bytes of a log row Azure bills: the text of its columns, but for the standard ones.

"Data size calculation", on Microsoft's page "Azure Monitor Logs cost calculations and options".
"""

from collections.abc import Mapping
from typing import Any, Final

NOT_BILLED: Final = frozenset(
    {"_ResourceId", "_SubscriptionId", "_ItemId", "_IsBillable", "_BilledSize", "TenantId", "Type"}
)
FREE_TABLES: Final = frozenset(
    {"AzureActivity", "_LogOperation", "Heartbeat", "Operation", "Usage"}
)
"""Tables that are not billed at all."""

GB: Final = 1e9
"""Azure bills gigabytes of 10^9 bytes (the same page)."""


def billed_bytes(table: str, row: Mapping[str, Any]) -> int:
    """The bytes of one row."""
    if table in FREE_TABLES:
        return 0
    return sum(
        len(str(value).encode("utf-8", "replace"))
        for name, value in row.items()
        if name not in NOT_BILLED and value is not None
    )
