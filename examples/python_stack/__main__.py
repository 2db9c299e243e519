"""Watches the sign-ins of a web app that another stack made, with a workspace that is there too."""

import sys
from pathlib import Path

import pulumi
from pulumi_azure_native import monitor

# The clone (or Git submodule) of login-monitor; from there the components are plain Python.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from components import AlertRouting, DetectionSet  # noqa: E402 the path comes first
from components.alert_routing import AlertRoutingArgs  # noqa: E402
from components.detection_set import DetectionSetArgs  # noqa: E402
from components.login_app import LOG_CATEGORIES  # noqa: E402

config = pulumi.Config()
group = config.require("resourceGroupName")
workspace = config.require("workspaceId")

logs = monitor.DiagnosticSetting(
    "logs",
    resource_uri=config.require("appId"),
    workspace_id=workspace,
    logs=[
        monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True)
        for category in LOG_CATEGORIES
    ],
)

told = AlertRoutingArgs(
    resource_group_name=group, alert_emails=config.require_object("alertEmails")
)
if config.get("webhookUrl"):
    told["webhook_url"] = config.require_secret("webhookUrl")
routing = AlertRouting("login", told)

rules = DetectionSet(
    "login",
    DetectionSetArgs(
        resource_group_name=group,
        location=config.require("location"),
        workspace_id=workspace,
        urgent_action_group_id=routing.urgent_action_group_id,
        routine_action_group_id=routing.routine_action_group_id,
        detections=config.require_object("detections"),
    ),
)

pulumi.export("ruleIds", rules.rule_ids)
