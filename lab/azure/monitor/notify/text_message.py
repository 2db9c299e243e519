"""The text message that tells of an alert.

Microsoft, "SMS alert behavior in action groups": it has the short name of the action group and the
title of the alert. UNCONFIRMED: their order, and that it is cut to one message.
"""

from collections.abc import Mapping
from typing import Any, Final

LIMIT: Final = 160
"""Characters of one message (GSM 03.38)."""


def text(short_name: str, payload: Mapping[str, Any]) -> str:
    """One line for a telephone, of an alert in the common alert schema."""
    essentials = payload["data"]["essentials"]
    title = " ".join(str(essentials["alertRule"]).split())
    line = f"{short_name}: {essentials['monitorCondition']}:{essentials['severity']} {title}"
    return line if len(line) <= LIMIT else f"{line[: LIMIT - 3]}..."
