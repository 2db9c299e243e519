"""MonitoredLogin: a login app, its logs, the detections on them, and whoever is told."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

import pulumi
from pulumi_azure_native import resources

from components.alert_routing import AlertRouting, AlertRoutingArgs, LogicAppTarget, SmsNumber
from components.alerts.suppression_window import SuppressionWindow
from components.detection_set import DetectionOverride, DetectionSet, DetectionSetArgs
from components.limits.app_service import has_always_on
from components.log_store import LogStore, LogStoreArgs
from components.login_app import LoginApp, LoginAppArgs
from components.platform_alerts import MetricOverride, PlatformAlerts, PlatformAlertsArgs
from components.security_dashboard import SecurityDashboard, SecurityDashboardArgs

_PORTAL = "https://portal.azure.com/#resource"


class MonitoredLoginArgs(TypedDict):
    """Inputs of MonitoredLogin."""

    location: pulumi.Input[str]
    """Required. Azure region of everything that has one."""
    alert_emails: list[pulumi.Input[str]]
    """Required. Addresses that get every alert; Azure asks each to confirm itself once."""
    urgent_emails: NotRequired[list[pulumi.Input[str]]]
    """Optional. Addresses that get urgent alerts only (severity 0 and 1); none by default."""
    sms_numbers: NotRequired[list[SmsNumber]]
    """Optional. Telephones that get urgent alerts as text messages; none by default."""
    webhook_url: NotRequired[pulumi.Input[str]]
    """Optional. URL that gets every alert as a POST in the common alert schema; kept secret."""
    suppression_windows: NotRequired[list[SuppressionWindow]]
    """Optional. Times in which alerts are recorded, but nobody is told; none by default."""
    playbook: NotRequired[str]
    """Optional. None, simulate (tell a channel what would be blocked) or block; lower case."""
    playbook_url: NotRequired[pulumi.Input[str]]
    """Conditional. Incoming webhook of a Teams or Slack channel; required with a playbook."""
    playbook_format: NotRequired[str]
    """Optional. Form of the channel's message, teams or slack; teams by default."""
    never_block: NotRequired[list[str]]
    """Optional. Addresses and networks that the playbook never blocks; none by default."""
    initial_users: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Optional. Passwords by user name of the first accounts; one for first-user by default."""
    retention_days: NotRequired[int]
    """Optional. Days that logs are kept, 30 to 730; 30 by default."""
    daily_cap_gb: NotRequired[float]
    """Optional. Gigabytes a day after which Azure drops logs and every alert rule is blind until
    the workspace's reset hour; no cap by default. Run log_store_full with it."""
    protect_log_store: NotRequired[bool]
    """Optional. Refuse to delete the log store, the database and the vault; false by default."""
    app_service_sku: NotRequired[str]
    """Optional. Size of the App Service plan; B1 by default."""
    instances: NotRequired[int]
    """Optional. Instances of the plan; 1 by default, more take a database and shared limits."""
    zone_redundant: NotRequired[bool]
    """Optional. Spread the plan over availability zones; false by default, Premium sizes only."""
    python_version: NotRequired[pulumi.Input[str]]
    """Optional. Python of the app; 3.12 by default."""
    rate_limit: NotRequired[pulumi.Input[str]]
    """Optional. Attempts of an IPv4 address or IPv6 /64; 30 per minute, 2000 per day by default."""
    captcha: NotRequired[pulumi.Input[str]]
    """Optional. When the form asks for a proof of work: off, adaptive or always; adaptive by
    default."""
    initial_passwords: NotRequired[pulumi.Input[str]]
    """Optional. Whether initial passwords have to change, or may keep; change by default."""
    session_hours: NotRequired[int]
    """Optional. Hours after which a session ends however it is used; 12 by default."""
    session_idle_minutes: NotRequired[int]
    """Optional. Minutes after which a session ends that is not used; 30 by default."""
    second_factor_for: NotRequired[list[pulumi.Input[str]]]
    """Optional. User names that need a second factor, * for everybody; nobody by default."""
    password_hash: NotRequired[pulumi.Input[str]]
    """Optional. Cost of a password hash; m=12288,t=3 (KiB, passes of argon2id) by default."""
    trusted_proxies: NotRequired[list[pulumi.Input[str]]]
    """Optional. Networks of proxies whose word on the client's address counts; none by default."""
    database: NotRequired[str]
    """Optional. None (a file of the app's own) or postgres, in lower case; none by default."""
    database_sku: NotRequired[str]
    """Optional. Size of the PostgreSQL server; Standard_B1ms by default."""
    database_authentication: NotRequired[str]
    """Optional. How the app signs in to it: password, entra or both; password by default."""
    database_public_access: NotRequired[list[str]]
    """Optional. IPv4 addresses or ranges that reach the server by the internet; none by default.
    The word azure stands for every address inside Azure, whoever rents it."""
    shared_limits: NotRequired[bool]
    """Optional. Count rate limits in Azure Managed Redis, for all instances; false by default."""
    key_vault: NotRequired[bool]
    """Optional. Keep the app's secrets in a key vault; false by default, as roles are needed."""
    detections: NotRequired[list[str]]
    """Optional. Slugs, or the one word essential or all; essential by default."""
    detection_overrides: NotRequired[dict[str, DetectionOverride]]
    """Optional. Own values by slug; none by default."""
    mute_duration: NotRequired[str]
    """Optional. ISO 8601 duration of silence after an alert; alerts resolve themselves instead."""
    platform_alerts: NotRequired[bool]
    """Optional. Metric, availability and activity-log alerts; true by default."""
    metric_overrides: NotRequired[dict[str, MetricOverride]]
    """Optional. Own values of metric alerts by role; none by default."""
    availability_test: NotRequired[bool]
    """Optional. Ask for the health page from five places in the world; true by default."""
    service_health: NotRequired[bool]
    """Optional. Tell of Azure's outages, which needs to read the subscription; true by default."""
    dashboard: NotRequired[bool]
    """Optional. A workbook of sign-ins, attacks and alerts; true by default."""
    activity_log: NotRequired[bool]
    """Optional. Send the subscription's activity log to the workspace; false by default, as whoever
    deploys needs rights on the subscription."""
    sentinel: NotRequired[bool]
    """Optional. Microsoft Sentinel with the same detections; false by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of everything that takes tags; none by default."""


class MonitoredLogin(pulumi.ComponentResource):
    """All parts of a monitored login, in a resource group of their own."""

    url: pulumi.Output[str]
    """Where the app answers."""
    resource_group_name: pulumi.Output[str]
    """Resource group that holds everything."""
    app_name: pulumi.Output[str]
    """Name of the web app."""
    app_id: pulumi.Output[str]
    """Azure id of the web app."""
    workspace_id: pulumi.Output[str]
    """Azure id of the Log Analytics workspace."""
    workspace_customer_id: pulumi.Output[str]
    """Id by which query clients address the workspace (a GUID)."""
    rule_ids: pulumi.Output[dict[str, str]]
    """Azure id of each alert rule, by slug."""
    platform_alert_ids: pulumi.Output[dict[str, str]]
    """Azure id of each platform alert, by role; empty without them."""
    logs_link: pulumi.Output[str]
    """The workspace's query page in the Azure portal."""
    alerts_link: pulumi.Output[str]
    """The resource group's alerts in the Azure portal."""
    dashboard_link: pulumi.Output[str]
    """The workbook in the Azure portal; empty without one."""
    first_user_password: pulumi.Output[str]
    """Secret. Random password of the account first-user; empty where initial_users names others."""

    def __init__(
        self, name: str, args: MonitoredLoginArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:MonitoredLogin", name, {}, opts)
        self._name, self._args = name, args
        self._parts: list[pulumi.Resource] = []
        self._child = pulumi.ResourceOptions(parent=self)
        _refuse_unknown_words(args)
        group = resources.ResourceGroup(
            f"{name}-group", location=args["location"], tags=args.get("tags"), opts=self._child
        )
        # What the parts may take: the inputs of the whole, and the outputs of parts made before.
        self._given: dict[str, Any] = {
            **args,
            "resource_group_name": group.name,
            "resource_group_id": group.id,
            "protect_workspace": args.get("protect_log_store", False),
            "protect_data": args.get("protect_log_store", False),
            "optional_tables": optional_tables(args),
        }
        logs = self._part(LogStore, LogStoreArgs, "logs")
        self._given |= {
            "workspace_id": logs.workspace_id,
            "workspace_name": logs.workspace_name,
            "insights_id": logs.insights_id,
        }
        self._keep_state()
        app = self._part(LoginApp, LoginAppArgs, "app")
        self._given |= {"app_id": app.app_id, "url": app.url}
        if has_always_on(args.get("app_service_sku") or "B1"):
            self._given["plan_id"] = app.plan_id
        self._answer()
        self.dashboard_link = self._show()
        rules = self._part(DetectionSet, DetectionSetArgs, "detections")
        self.platform_alert_ids = self._watch_platform(app)
        if args.get("sentinel", False):
            self._notify_sentinel()
        if args.get("activity_log", False):
            self._export_activity()
        self.url = app.url
        self.resource_group_name = group.name
        self.app_name = app.app_name
        self.app_id = app.app_id
        self.first_user_password = app.first_user_password
        self.workspace_id = logs.workspace_id
        self.workspace_customer_id = logs.customer_id
        self.rule_ids = rules.rule_ids
        self.logs_link = pulumi.Output.concat(_PORTAL, logs.workspace_id, "/logs")
        self.alerts_link = pulumi.Output.concat(_PORTAL, group.id, "/alerts")
        self.register_outputs({key: getattr(self, key) for key in type(self).__annotations__})

    def _part(self, kind: Any, inputs: type, role: str, after: Any = None) -> Any:
        """A part with what it knows of what is given; what was left out has its own default."""
        known = {key: each for key, each in self._given.items() if key in inputs.__annotations__}
        options = pulumi.ResourceOptions(parent=self, depends_on=after)
        part = kind(f"{self._name}-{role}", known, options)
        self._parts.append(part)
        return part

    def _export_activity(self) -> None:
        """Last of all: what the deployment itself makes is no change to warn of."""
        from components.activity_export import ActivityExport, ActivityExportArgs

        self._part(ActivityExport, ActivityExportArgs, "activity", after=list(self._parts))

    def _keep_state(self) -> None:
        """Where users, counters and secrets are, when they are not in the app itself."""
        args = self._args
        has_database = args.get("database", "none") == "postgres"
        has_limits = args.get("shared_limits", False)
        signs_in = has_database and args.get("database_authentication") in ("entra", "both")
        if args.get("key_vault", False) or signs_in:
            self._identify(signs_in=signs_in)
        if args.get("key_vault", False):
            self._lock_up()
        if has_limits or (has_database and not args.get("database_public_access")):
            self._join_network()
        if has_database:
            self._keep_users()
        if has_limits:
            self._count_together()

    # Each of these brings a large part of the Azure SDK, which takes longer to load than all the
    # rest: it is loaded when it is used.

    def _lock_up(self) -> None:
        from components.secret_vault import SecretVault, SecretVaultArgs

        vault = self._part(SecretVault, SecretVaultArgs, "vault")
        self._given["vault_name"] = vault.vault_name

    def _join_network(self) -> None:
        from components.private_network import PrivateNetwork, PrivateNetworkArgs

        network = self._part(PrivateNetwork, PrivateNetworkArgs, "network")
        for key in ("network_id", "app_subnet_id", "database_subnet_id", "endpoint_subnet_id"):
            self._given[key] = getattr(network, key)

    def _keep_users(self) -> None:
        from components.login_database import LoginDatabase, LoginDatabaseArgs

        database = self._part(LoginDatabase, LoginDatabaseArgs, "database")
        self._given |= {"database_url": database.database_url, "database_id": database.server_id}

    def _count_together(self) -> None:
        from components.shared_limits import SharedLimits, SharedLimitsArgs

        limits = self._part(SharedLimits, SharedLimitsArgs, "limits")
        self._given["limits_url"] = limits.limits_url

    def _notify_sentinel(self) -> None:
        from components.sentinel_rules import SentinelRules, SentinelRulesArgs

        self._part(SentinelRules, SentinelRulesArgs, "sentinel")

    def _identify(self, *, signs_in: bool) -> None:
        from pulumi_azure_native import managedidentity

        identity = managedidentity.UserAssignedIdentity(
            f"{self._name}-identity",
            resource_group_name=self._given["resource_group_name"],
            location=self._args["location"],
            tags=self._args.get("tags"),
            opts=self._child,
        )
        self._given |= {
            "identity_id": identity.id,
            "identity_name": identity.name,
            "identity_principal_id": identity.principal_id,
            "tenant_id": identity.tenant_id,
        }
        if signs_in:
            self._given["database_identity"] = identity.client_id

    def _answer(self) -> None:
        """Who is told, and what is done."""
        args, given = self._args, self._given
        mode = args.get("playbook", "none")
        if mode != "none":
            given |= {"mode": mode, "notify_url": args.get("playbook_url", "")}
            given["message_format"] = args.get("playbook_format", "teams")
            if mode == "block":
                given["web_app_id"] = given["app_id"]
            given["logic_apps"] = [self._play()]
        routing = self._part(AlertRouting, AlertRoutingArgs, "alerts")
        given |= {
            "urgent_action_group_id": routing.urgent_action_group_id,
            "routine_action_group_id": routing.routine_action_group_id,
        }

    def _play(self) -> LogicAppTarget:
        from components.response_playbook import ResponsePlaybook, ResponsePlaybookArgs

        playbook = self._part(ResponsePlaybook, ResponsePlaybookArgs, "playbook")
        return {
            "name": "playbook",
            "workflow_id": playbook.workflow_id,
            "callback_url": playbook.trigger_url,
        }

    def _show(self) -> pulumi.Output[str]:
        if not self._args.get("dashboard", True):
            return pulumi.Output.from_input("")
        dashboard = self._part(SecurityDashboard, SecurityDashboardArgs, "dashboard")
        self._given["runbook_url"] = dashboard.portal_link
        return cast(pulumi.Output[str], dashboard.portal_link)

    def _watch_platform(self, app: LoginApp) -> pulumi.Output[dict[str, str]]:
        if not self._args.get("platform_alerts", True):
            return pulumi.Output.from_input({})
        # After the code: the availability test would ring for an app that is not there yet.
        alerts = self._part(PlatformAlerts, PlatformAlertsArgs, "platform", after=app)
        return cast(pulumi.Output[dict[str, str]], alerts.alert_ids)


def optional_tables(args: Mapping[str, Any]) -> list[str]:
    """The log tables beside App Service's that get rows in a stack of these inputs."""
    filled = {
        "_LogOperation": args.get("daily_cap_gb"),
        "AzureActivity": args.get("activity_log"),
        "PGSQLServerLogs": args.get("database", "none") != "none",
    }
    return [table for table, wanted in filled.items() if wanted]


def _refuse_unknown_words(args: Mapping[str, Any]) -> None:
    """Words that decide which parts there are; the parts check their own."""
    for key, allowed in (
        ("database", ("none", "postgres")),
        ("playbook", ("none", "simulate", "block")),
    ):
        if args.get(key, "none") not in allowed:
            words = f"{args[key]!r} is not offered; expected {', '.join(allowed)}"
            raise pulumi.InputPropertyError(key, words)
    if args.get("playbook", "none") != "none" and not args.get("playbook_url"):
        raise pulumi.InputPropertyError("playbook_url", "is missing; expected with a playbook")
