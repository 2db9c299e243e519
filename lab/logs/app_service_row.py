"""What every row of an App Service log has, whatever its table."""

from datetime import datetime
from typing import Any, Final

INSTANCE: Final = "lw0sdlwk00LAB1"
"""Name of the one worker; real Linux workers are called `lw0sdlwk0008GT` and the like."""


def row(table: str, resource_id: str, at: datetime, **columns: Any) -> dict[str, Any]:
    """A row with the standard columns; Log Analytics writes resource ids in lower case."""
    parts = resource_id.lower().split("/")
    return {
        "TimeGenerated": at,
        "_ResourceId": resource_id.lower(),
        "_SubscriptionId": parts[2] if len(parts) > 2 else "",
        "SourceSystem": "Azure",
        "Type": table,
        **columns,
    }
