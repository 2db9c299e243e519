"""The columns of log tables and their types, from Microsoft's table reference. Pure."""

import json
from pathlib import Path
from typing import Final

TABLES: Final[dict[str, dict[str, str]]] = json.loads(
    Path(__file__).with_name("tables.json").read_text(encoding="utf-8")
)
"""Table -> column -> KQL type."""
