"""The stack: read the settings, compose, export."""

import pulumi

import settings
from components import MonitoredLogin

login = MonitoredLogin("login-monitor", settings.read().inputs())

pulumi.export("url", login.url)
pulumi.export("firstUserPassword", login.first_user_password)
pulumi.export("resourceGroupName", login.resource_group_name)
pulumi.export("appName", login.app_name)
pulumi.export("workspaceId", login.workspace_id)
pulumi.export("workspaceCustomerId", login.workspace_customer_id)
pulumi.export("alertRuleIds", login.rule_ids)
pulumi.export("platformAlertIds", login.platform_alert_ids)
pulumi.export("logsLink", login.logs_link)
pulumi.export("alertsLink", login.alerts_link)
pulumi.export("dashboardLink", login.dashboard_link)
