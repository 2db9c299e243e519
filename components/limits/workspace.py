"""What a Log Analytics workspace takes (Microsoft.OperationalInsights/workspaces). Pure."""

from typing import Final

RETENTION_DAYS: Final = range(30, 731)
"""Interactive retention of the tier PerGB2018 ("Manage data retention in a Log Analytics
workspace"); a table of the plan Analytics may keep rows for less only by its own setting."""
