"""How alerts name and link what they are about."""

from typing import Final
from urllib.parse import quote

from lab.azure.monitor.notify.fired_alert import FiredAlert

PORTAL: Final = "https://portal.azure.com/#"


def target_type(resource_id: str) -> str:
    """`microsoft.operationalinsights/workspaces` of a workspace's id."""
    provider = resource_id.lower().rpartition("/providers/")[2].split("/")
    return "/".join([provider[0], *provider[1::2]]) if len(provider) > 2 else ""


def shortest(number: float) -> float | int:
    """A whole number without its fraction."""
    return int(number) if float(number).is_integer() else number


def investigation_link(alert: FiredAlert) -> str:
    """The alert's page in the portal."""
    page = "view/Microsoft_Azure_Monitoring_Alerts/AlertDetails"
    return f"{PORTAL}{page}/alertId/{quote(alert.id, safe='')}"
