"""What diagnostic settings have in common."""

from pulumi_azure_native import monitor


def logged_metrics(wanted: bool) -> list[monitor.DiagnosticsMetricSettingsArgs] | None:
    """Every metric of a resource, or none: a workspace bills each as a row a minute."""
    if not wanted:
        return None
    return [monitor.DiagnosticsMetricSettingsArgs(category="AllMetrics", enabled=True)]
