"""The stack: read the settings, compose, export."""

import pulumi

import settings
from components import MonitoredLogin
from components.monitored_login import MonitoredLoginArgs

chosen = settings.read()
args = MonitoredLoginArgs(
    location=chosen.location,
    alert_emails=list(chosen.alert_emails),
    retention_days=chosen.retention_days,
    daily_cap_gb=chosen.daily_cap_gb,
    protect_log_store=chosen.protect_log_store,
    app_service_sku=chosen.app_service_sku,
    instances=chosen.instances,
    python_version=chosen.python_version,
    rate_limit=chosen.rate_limit,
    detections=list(chosen.detections),
    detection_overrides=dict(chosen.detection_overrides),
    mute_duration=chosen.mute_duration or "",
    tags=dict(chosen.tags),
)
if chosen.initial_users:
    args["initial_users"] = pulumi.Output.secret(dict(chosen.initial_users))
if chosen.webhook_url:
    args["webhook_url"] = pulumi.Output.secret(chosen.webhook_url)
login = MonitoredLogin("login-monitor", args)

pulumi.export("url", login.url)
pulumi.export("firstUserPassword", login.first_user_password)
pulumi.export("resourceGroupName", login.resource_group_name)
pulumi.export("appName", login.app_name)
pulumi.export("workspaceId", login.workspace_id)
pulumi.export("workspaceCustomerId", login.workspace_customer_id)
pulumi.export("alertRuleIds", login.rule_ids)
pulumi.export("logsLink", login.logs_link)
pulumi.export("alertsLink", login.alerts_link)
