"""What Azure makes of a suppression window: an alert processing rule that removes action groups.

"Alert processing rules" (learn.microsoft.com); ARM type Microsoft.AlertsManagement/actionRules.
Pure: no pulumi, no I/O.
"""

from collections.abc import Sequence
from typing import Any

from components.alerts.suppression_window import (
    SEVERITIES,
    SuppressionWindow,
    full_time,
    over_midnight,
)
from components.alerts.window_values import WEEKDAYS

_LAST_SECOND = "23:59:59"


def rule_properties(window: SuppressionWindow, scopes: Sequence[Any]) -> dict[str, Any]:
    """`properties` of the AlertProcessingRuleByName, in the SDK's snake case."""
    levels = sorted(int(each) for each in window.get("severities", SEVERITIES))
    return {
        "scopes": list(scopes),
        "enabled": True,
        "description": window.get("description") or _summary(window),
        "conditions": [
            {
                "field": "Severity",
                "operator": "Equals",
                "values": [f"Sev{each}" for each in levels],
            }
        ],
        "schedule": _schedule(window),
        "actions": [{"action_type": "RemoveAllActionGroups"}],
    }


def _schedule(window: SuppressionWindow) -> dict[str, Any]:
    schedule: dict[str, Any] = {"time_zone": window.get("time_zone", "UTC")}
    if "start" in window:
        schedule["effective_from"] = window["start"]
    if "end" in window:
        schedule["effective_until"] = window["end"]
    if "repeats" in window:
        schedule["recurrences"] = _recurrences(window)
    return schedule


def _recurrences(window: SuppressionWindow) -> list[dict[str, Any]]:
    """One, or two for a weekly window over midnight.

    A daily window may end the next morning (Microsoft, "Alert processing rules": a recurrence
    "daily from the afternoon until the morning"). Whose day the morning of a weekly one is, is not
    said: it is given by itself, so that it means the same either way; the second before midnight
    is then the only gap.
    """
    kind = window["repeats"].capitalize()
    days: dict[str, Any] = {}
    if "days" in window:
        days["days_of_week"] = list(window["days"])
    if "month_days" in window:
        days["days_of_month"] = [int(each) for each in window["month_days"]]
    hours: dict[str, Any] = {}
    if "start_time" in window and "end_time" in window:
        hours = {
            "start_time": full_time(window["start_time"]),
            "end_time": full_time(window["end_time"]),
        }
    if not over_midnight(window) or kind == "Daily":
        return [{"recurrence_type": kind, **days, **hours}]
    mornings = [WEEKDAYS[(WEEKDAYS.index(each) + 1) % 7] for each in window["days"]]
    return [
        {"recurrence_type": kind, **days, **hours, "end_time": _LAST_SECOND},
        {
            "recurrence_type": kind,
            "days_of_week": mornings,
            "start_time": "00:00:00",
            "end_time": hours["end_time"],
        },
    ]


def _summary(window: SuppressionWindow) -> str:
    levels = ", ".join(str(int(each)) for each in window.get("severities", SEVERITIES))
    return f"Suppression window {window['name']}: nobody is told of alerts of severity {levels}."
