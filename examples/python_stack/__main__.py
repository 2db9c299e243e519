"""Watches the sign-ins of a web app that another stack made, with a workspace that is there too."""

import sys
from pathlib import Path

import pulumi

# The clone (or Git submodule) of login-monitor; from there the components are plain Python.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from components import AlertRouting, AppLogs, DetectionSet  # noqa: E402 the path comes first
from components.alert_routing import AlertRoutingArgs  # noqa: E402
from components.app_logs import AppLogsArgs  # noqa: E402
from components.detection_set import DetectionSetArgs  # noqa: E402

config = pulumi.Config()
group = config.require("resourceGroupName")
workspace = config.require("workspaceId")

AppLogs("login", AppLogsArgs(app_id=config.require("appId"), workspace_id=workspace))

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
