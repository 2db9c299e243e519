"""What a Log Analytics workspace takes (Microsoft.OperationalInsights/workspaces). Pure."""

from typing import Final

RETENTION_DAYS: Final = range(30, 731)
"""Interactive retention of the tier PerGB2018 ("Manage data retention in a Log Analytics
workspace"); a table of the plan Analytics may keep rows for less only by its own setting."""

SKUS: Final = ("PerGB2018", "CapacityReservation", "LACluster")
"""That a new workspace takes; Free, PerNode, Standalone and the like are closed to new ones
("Azure Monitor Logs cost calculations and options")."""

CAPACITY_LEVELS: Final = (*(100, 200, 300, 400, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000),)
"""Gigabytes a day of a commitment tier."""
