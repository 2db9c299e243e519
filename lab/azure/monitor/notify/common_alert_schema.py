"""The payload of an alert, as webhooks and playbooks get it.

Microsoft, "Common alert schema" and "Samples of Azure Monitor alert payloads".
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from lab.azure.monitor.notify.alert_text import investigation_link, target_type
from lab.azure.monitor.notify.fired_alert import Condition, FiredAlert
from lab.clock.rfc3339 import azure_time

SCHEMA_ID: Final = "azureMonitorCommonAlertSchema"
_PLACEHOLDER: Final = re.compile(r"\$\{([\w.\[\]-]+)\}")
_STEP: Final = re.compile(r"[\w-]+")


def payload(alert: FiredAlert, condition: Condition) -> dict[str, Any]:
    """JSON of an alert; custom properties may name other parts of it as `${data.…}`.

    Activity-log alerts have none.
    """
    body: dict[str, Any] = {
        "schemaId": SCHEMA_ID,
        "data": {"essentials": _essentials(alert, condition), "alertContext": alert.context()},
    }
    if alert.rule.signal_type == "Activity Log":
        body["data"]["customProperties"] = None
        return body
    custom = {name: filled(value, body) for name, value in alert.rule.custom_properties.items()}
    body["data"]["alertContext"]["properties"] = custom
    body["data"]["customProperties"] = custom
    return body


def filled(text: str, body: Mapping[str, Any]) -> str:
    """The text with each `${data.essentials.…}` replaced; one that leads nowhere stays."""

    def value(found: re.Match[str]) -> str:
        here: Any = body
        for step in _STEP.findall(found[1]):
            if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
                here = here[int(step)]
            elif isinstance(here, dict) and step in here:
                here = here[step]
            else:
                return found[0]
        return str(here)

    return _PLACEHOLDER.sub(value, text)


def _essentials(alert: FiredAlert, condition: Condition) -> dict[str, Any]:
    rule = alert.rule
    target = alert.targets[0] if alert.targets else ""
    segments = target.split("/")
    essentials = {
        "alertId": alert.id,
        "alertRule": rule.name,
        "alertRuleID": rule.id,
        "severity": f"Sev{rule.severity}",
        "signalType": rule.signal_type,
        "monitorCondition": condition,
        "monitoringService": rule.monitoring_service,
        "alertTargetIDs": [target.lower() for target in alert.targets],
        "configurationItems": alert.configuration_items,
        "originAlertId": alert.guid,
        "firedDateTime": azure_time(alert.fired_at),
        "description": rule.description,
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
        "targetResourceType": target_type(target),
        "targetResourceGroup": segments[4].lower() if len(segments) > 4 else "",
        "investigationLink": investigation_link(alert),
    }
    if condition == "Resolved" and alert.resolved_at is not None:
        essentials["resolvedDateTime"] = azure_time(alert.resolved_at)
    return essentials
