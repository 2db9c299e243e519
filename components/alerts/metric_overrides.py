"""Own values of a stack for the metric alerts. Pure: no pulumi, no I/O."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.alerts.metric_alerts import METRIC_ALERTS, MetricAlert
from components.limits import metric_alert
from components.limits.refusal import Place, Refusal, RefusedError, nearest

KEYS = ("threshold", "severity", "enabled", "sensitivity")


def configured(overrides: Mapping[str, Mapping[str, object]]) -> dict[str, MetricAlert]:
    """Every metric alert by role; RefusedError has everything that cannot work."""
    found = {each.role: each for each in METRIC_ALERTS}
    refusals: list[Refusal] = []
    for role, changes in overrides.items():
        if role not in found:
            refusals.append(Refusal(Place(key=role), "is not an alert", nearest(role, found)))
            continue
        refused = [
            Refusal(Place(key=f"{role}.{key}"), "is not accepted", expected, value)
            for key, value in changes.items()
            if (expected := _expected(found[role], key, value))
        ]
        refusals += refused
        if not refused:
            found[role] = replace(found[role], **_whole(changes))
    if refusals:
        raise RefusedError(*refusals)
    return found


def _expected(alert: MetricAlert, key: str, value: object) -> str:
    """What is expected instead; empty for a value that can be used."""
    if key == "threshold":
        return _expected_threshold(alert, value)
    if key == "severity":
        whole = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if whole and value in metric_alert.SEVERITIES else "expected 0 to 4"
    if key == "enabled":
        return "" if isinstance(value, bool) else "expected true or false"
    if key == "sensitivity":
        if not alert.is_dynamic:
            return "expected threshold, severity or enabled: its threshold is a fixed number"
        known = metric_alert.SENSITIVITIES
        return "" if value in known else f"expected one of {', '.join(known)}"
    return nearest(key, KEYS)


def _expected_threshold(alert: MetricAlert, value: object) -> str:
    if alert.is_dynamic:
        return "expected sensitivity, severity or enabled: Azure learns its threshold"
    least = 1.0 if alert.target == "availability" else 0.0
    span = f"{least:g} or more" if alert.most is None else f"{least:g} to {alert.most:g}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"expected a number, {span}"
    if not value >= least or (alert.most is not None and value > alert.most):
        return f"expected {span}"
    if alert.target == "availability" and not float(value).is_integer():
        return f"expected a whole number, {span}"
    return ""


def _whole(changes: Mapping[str, object]) -> dict[str, Any]:
    """Programs in other languages reach us with every number as a float."""
    return {
        key: int(value) if key == "severity" and isinstance(value, float) else value
        for key, value in changes.items()
    }
