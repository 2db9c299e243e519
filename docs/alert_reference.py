"""The tables of docs/alerts.md: every alert of a stack, from the same data as the alert rules."""

from collections.abc import Callable

from components.alerts.activity_log_alerts import ACTIVITY_LOG_ALERTS
from components.alerts.metric_alerts import METRIC_ALERTS
from components.content.detection import Detection, load_all

Rows = list[tuple[str, ...]]


def log_alerts(threshold: Callable[[Detection], str]) -> Rows:
    """Detection, severity, signal and default, what else it may be; `threshold` is in words."""
    return [
        (
            f"[`{each.slug}`](../kql/detections/{each.slug}.kql)",
            f"Sev{each.severity}" + (", essential" if each.essential else ""),
            f"{each.description} {threshold(each)}.",
            " ".join(each.false_positives) or "None known.",
        )
        for each in load_all().values()
    ]


def metric_alerts() -> Rows:
    """Role, severity, signal and default, why, how to tune."""
    return [
        (
            f"`{each.role}`",
            f"Sev{each.severity}",
            f"{each.signal}: {each.default}",
            each.why,
            each.tune,
        )
        for each in METRIC_ALERTS
    ]


def activity_log_alerts() -> Rows:
    """Role, signal, default, why, how to tune."""
    return [
        (f"`{each.role}`", each.signal, each.default, each.why, each.tune)
        for each in ACTIVITY_LOG_ALERTS
    ]
