"""A Django app with PostgreSQL, its logs, the detections on them, and whoever is told."""

import sys
from pathlib import Path

import pulumi
import pulumi_random
from pulumi_azure_native import resources

# The clone (or Git submodule) of login-monitor; from there the components are plain Python.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from components import (  # noqa: E402 the path comes first
    AlertRouting,
    DetectionSet,
    LoginDatabase,
    LogStore,
    PlatformAlerts,
    PrivateNetwork,
    SecurityDashboard,
    WebApp,
)
from components.alert_routing import AlertRoutingArgs  # noqa: E402
from components.detection_set import DetectionSetArgs  # noqa: E402
from components.log_store import LogStoreArgs  # noqa: E402
from components.login_database import LoginDatabaseArgs  # noqa: E402
from components.platform_alerts import PlatformAlertsArgs  # noqa: E402
from components.private_network import PrivateNetworkArgs  # noqa: E402
from components.security_dashboard import SecurityDashboardArgs  # noqa: E402
from components.web_app import WebAppArgs  # noqa: E402

config = pulumi.Config()
location = config.require("location")
project = config.require("djangoProject")

# Migrations and first accounts before each start; one process, because the app counts in memory.
START = (
    "python manage.py migrate --noinput && python manage.py initial_users"
    f" && exec gunicorn {project}.wsgi:application"
    " --workers 1 --threads 8 --timeout 60 --bind 0.0.0.0:8000"
)
HEALTH_TEXT = '"status": "ok"'

group = resources.ResourceGroup("django", location=location)

# Where the logs go, and where the app and its database meet.
logs = LogStore("django-logs", LogStoreArgs(resource_group_name=group.name, location=location))
network = PrivateNetwork(
    "django-network", PrivateNetworkArgs(resource_group_name=group.name, location=location)
)
database = LoginDatabase(
    "django-database",
    LoginDatabaseArgs(
        resource_group_name=group.name,
        location=location,
        workspace_id=logs.workspace_id,
        network_id=network.network_id,
        database_subnet_id=network.database_subnet_id,
        database_name=project,
        database_sku=config.require("databaseSku"),
    ),
)

# What is watched.
secret_key = pulumi_random.RandomPassword("django-secret-key", length=64, special=False)
first_password = pulumi_random.RandomPassword("django-first-user", length=24, special=False)
users = pulumi.Output.all(
    config.require_secret_object("initialUsers"), first_password.result
).apply(lambda known: known[0] or {"first-user": known[1]})
app = WebApp(
    "django-app",
    WebAppArgs(
        resource_group_name=group.name,
        location=location,
        workspace_id=logs.workspace_id,
        source_folder=str(Path(__file__).resolve().parent / config.require("sourceFolder")),
        start_command=START,
        health_text=HEALTH_TEXT,
        app_service_sku=config.require("appServiceSku"),
        app_subnet_id=network.app_subnet_id,
        app_settings={
            "ADMIN_ENABLED": str(config.require_bool("admin")).lower(),
            "DJANGO_SETTINGS_MODULE": f"{project}.settings",
        },
        secret_settings={
            "DATABASE_URL": database.database_url,
            "INITIAL_USERS": pulumi.Output.json_dumps(users, sort_keys=True),
            "SECRET_KEY": secret_key.result,
        },
    ),
)

# Who is told.
told = AlertRoutingArgs(
    resource_group_name=group.name,
    alert_emails=config.require_object("alertEmails"),
    resource_group_id=group.id,
)
if config.get("webhookUrl"):
    told["webhook_url"] = config.require_secret("webhookUrl")
routing = AlertRouting("django-alerts", told)

# What looks at the logs, and at the platform.
dashboard = SecurityDashboard(
    "django-dashboard",
    SecurityDashboardArgs(
        resource_group_name=group.name, location=location, workspace_id=logs.workspace_id
    ),
)
rules = DetectionSet(
    "django-detections",
    DetectionSetArgs(
        resource_group_name=group.name,
        location=location,
        urgent_action_group_id=routing.urgent_action_group_id,
        routine_action_group_id=routing.routine_action_group_id,
        workspace_id=logs.workspace_id,
        detections=config.require_object("detections"),
        optional_tables=["PGSQLServerLogs"],
        runbook_url=dashboard.portal_link,
    ),
)
PlatformAlerts(
    "django-platform",
    PlatformAlertsArgs(
        resource_group_name=group.name,
        location=location,
        urgent_action_group_id=routing.urgent_action_group_id,
        routine_action_group_id=routing.routine_action_group_id,
        app_id=app.app_id,
        url=app.url,
        health_text=HEALTH_TEXT,
        insights_id=logs.insights_id,
        plan_id=app.plan_id,
        database_id=database.server_id,
        rules_group_id=group.id,
    ),
    # After the code: the availability test would ring for an app that is not there yet.
    pulumi.ResourceOptions(depends_on=[app]),
)

pulumi.export("url", app.url)
pulumi.export("firstUserPassword", pulumi.Output.secret(first_password.result))
pulumi.export("resourceGroupName", group.name)
pulumi.export("appId", app.app_id)
pulumi.export("workspaceId", logs.workspace_id)
pulumi.export("alertRuleIds", rules.rule_ids)
pulumi.export("dashboardLink", dashboard.portal_link)
