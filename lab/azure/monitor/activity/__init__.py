"""The activity log, its alerts and its export."""
