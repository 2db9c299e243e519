"""MonitoredLogin: a login app, its logs, the detections on them, and whoever is told."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, TypeVar, cast

import pulumi
from pulumi_azure_native import resources

from components.alert_routing import AlertRouting, AlertRoutingArgs, LogicAppTarget, SmsNumber
from components.alerts.suppression_window import SuppressionWindow
from components.detection_set import (
    DetectionException,
    DetectionOverride,
    DetectionSet,
    DetectionSetArgs,
)
from components.limits.app_service import has_always_on
from components.log_store import LogStore, LogStoreArgs
from components.login_app import HEALTH_TEXT, LoginApp, LoginAppArgs
from components.platform_alerts import MetricOverride, PlatformAlerts, PlatformAlertsArgs
from components.playbook.definition import MODES
from components.security_dashboard import SecurityDashboard, SecurityDashboardArgs

if TYPE_CHECKING:
    from pulumi_azure_native.managedidentity import UserAssignedIdentity

    from components.activity_export import ActivityExport
    from components.login_database import LoginDatabase
    from components.private_network import PrivateNetwork
    from components.response_playbook import ResponsePlaybook
    from components.secret_vault import SecretVault
    from components.sentinel_rules import SentinelRules
    from components.shared_limits import SharedLimits

DATABASES = ("none", "postgres")
PLAYBOOKS = ("none", *MODES)

_PORTAL = "https://portal.azure.com/#resource"
_LEFT_OUT: Any = None
"""An input that is not given to a part; `_stated` takes it away."""

Inputs = TypeVar("Inputs", bound=Mapping[str, object])


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
    database_geo_backup: NotRequired[bool]
    """Optional. Keep backups in the paired region too, which can only be chosen for a new server;
    false by default."""
    shared_limits: NotRequired[bool]
    """Optional. Count rate limits in Azure Managed Redis, for all instances; false by default."""
    key_vault: NotRequired[bool]
    """Optional. Keep the app's secrets in a key vault; false by default, as roles are needed."""
    purge_protection: NotRequired[bool]
    """Optional. Nobody can purge a deleted vault early; cannot be undone; false by default."""
    detections: NotRequired[list[str]]
    """Optional. Slugs, or the one word essential or all; essential by default."""
    detection_overrides: NotRequired[dict[str, DetectionOverride]]
    """Optional. Own values by slug; none by default."""
    exceptions: NotRequired[list[DetectionException]]
    """Optional. Rows that do not count, each with a reason and an end; none by default."""
    login_sources: NotRequired[list[str]]
    """Optional. Where login events come from, of docs/sources.md; json, the lines that the
    project's own apps write, by default."""
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
        _refuse_unknown_words(args)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._group = resources.ResourceGroup(
            f"{name}-group", location=args["location"], tags=args.get("tags"), opts=self._child
        )
        # Where the logs go.
        logs = self._log_store()
        # Where users, counters and secrets are, when they are not in the app itself.
        identity = self._identity()
        vault = self._vault(logs, identity)
        network = self._network()
        database = self._database(logs, identity, network)
        limits = self._shared_limits(network)
        # What is watched.
        app = self._app(logs, identity, vault, network, database, limits)
        # Who is told, and what is done.
        playbook = self._playbook(app)
        routing = self._alert_routing(playbook)
        # What looks at the logs, and at the platform.
        dashboard = self._dashboard(logs)
        detections = self._detections(logs, routing, dashboard)
        platform = self._platform_alerts(logs, app, database, routing)
        sentinel = self._sentinel(logs)
        # Last of all: what the deployment itself makes is no change to warn of.
        parts = (logs, vault, network, database, limits, app, playbook, routing)
        self._activity_export(logs, (*parts, dashboard, detections, platform, sentinel))

        self.url = app.url
        self.resource_group_name = self._group.name
        self.app_name = app.app_name
        self.app_id = app.app_id
        self.first_user_password = app.first_user_password
        self.workspace_id = logs.workspace_id
        self.workspace_customer_id = logs.customer_id
        self.rule_ids = detections.rule_ids
        self.platform_alert_ids = platform.alert_ids if platform else pulumi.Output.from_input({})
        self.logs_link = pulumi.Output.concat(_PORTAL, logs.workspace_id, "/logs")
        self.alerts_link = pulumi.Output.concat(_PORTAL, self._group.id, "/alerts")
        self.dashboard_link = dashboard.portal_link if dashboard else pulumi.Output.from_input("")
        self.register_outputs({key: getattr(self, key) for key in type(self).__annotations__})

    def _log_store(self) -> LogStore:
        args = self._args
        inputs = LogStoreArgs(
            resource_group_name=self._group.name,
            location=args["location"],
            tags=args.get("tags", _LEFT_OUT),
            retention_days=args.get("retention_days", _LEFT_OUT),
            daily_cap_gb=args.get("daily_cap_gb", _LEFT_OUT),
            protect_workspace=args.get("protect_log_store", False),
            login_sources=args.get("login_sources", _LEFT_OUT),
        )
        return LogStore(f"{self._name}-logs", _stated(inputs), self._child)

    # The imports inside bring large parts of the Azure SDK, which take longer to load than all the
    # rest: they are loaded when they are used.

    def _identity(self) -> "UserAssignedIdentity | None":
        """Of the app, made before it: its roles are there when it starts."""
        if not (self._args.get("key_vault", False) or self._signs_in):
            return None
        from pulumi_azure_native.managedidentity import UserAssignedIdentity

        return UserAssignedIdentity(
            f"{self._name}-identity",
            resource_group_name=self._group.name,
            location=self._args["location"],
            tags=self._args.get("tags"),
            opts=self._child,
        )

    def _vault(
        self, logs: LogStore, identity: "UserAssignedIdentity | None"
    ) -> "SecretVault | None":
        if identity is None or not self._args.get("key_vault", False):
            return None
        from components.secret_vault import SecretVault, SecretVaultArgs

        inputs = SecretVaultArgs(
            resource_group_name=self._group.name,
            location=self._args["location"],
            tags=self._args.get("tags", _LEFT_OUT),
            tenant_id=identity.tenant_id,
            identity_principal_id=identity.principal_id,
            workspace_id=logs.workspace_id,
            purge_protection=self._args.get("purge_protection", False),
            protect_data=self._args.get("protect_log_store", False),
        )
        return SecretVault(f"{self._name}-vault", _stated(inputs), self._child)

    def _network(self) -> "PrivateNetwork | None":
        is_private = self._has_database and not self._args.get("database_public_access")
        if not (is_private or self._args.get("shared_limits", False)):
            return None
        from components.private_network import PrivateNetwork, PrivateNetworkArgs

        inputs = PrivateNetworkArgs(
            resource_group_name=self._group.name,
            location=self._args["location"],
            tags=self._args.get("tags", _LEFT_OUT),
        )
        return PrivateNetwork(f"{self._name}-network", _stated(inputs), self._child)

    def _database(
        self,
        logs: LogStore,
        identity: "UserAssignedIdentity | None",
        network: "PrivateNetwork | None",
    ) -> "LoginDatabase | None":
        if not self._has_database:
            return None
        from components.login_database import LoginDatabase, LoginDatabaseArgs

        args = self._args
        inputs = LoginDatabaseArgs(
            resource_group_name=self._group.name,
            location=args["location"],
            tags=args.get("tags", _LEFT_OUT),
            workspace_id=logs.workspace_id,
            network_id=network.network_id if network else _LEFT_OUT,
            database_subnet_id=network.database_subnet_id if network else _LEFT_OUT,
            database_public_access=args.get("database_public_access", _LEFT_OUT),
            database_sku=args.get("database_sku", _LEFT_OUT),
            database_authentication=args.get("database_authentication", _LEFT_OUT),
            database_geo_backup=args.get("database_geo_backup", False),
            identity_name=identity.name if identity else _LEFT_OUT,
            identity_principal_id=identity.principal_id if identity else _LEFT_OUT,
            tenant_id=identity.tenant_id if identity else _LEFT_OUT,
            protect_data=args.get("protect_log_store", False),
        )
        return LoginDatabase(f"{self._name}-database", _stated(inputs), self._child)

    def _shared_limits(self, network: "PrivateNetwork | None") -> "SharedLimits | None":
        if not self._args.get("shared_limits", False):
            return None
        from components.shared_limits import SharedLimits, SharedLimitsArgs

        inputs = SharedLimitsArgs(
            resource_group_name=self._group.name,
            location=self._args["location"],
            tags=self._args.get("tags", _LEFT_OUT),
            network_id=network.network_id if network else _LEFT_OUT,
            endpoint_subnet_id=network.endpoint_subnet_id if network else _LEFT_OUT,
        )
        return SharedLimits(f"{self._name}-limits", _stated(inputs), self._child)

    def _app(
        self,
        logs: LogStore,
        identity: "UserAssignedIdentity | None",
        vault: "SecretVault | None",
        network: "PrivateNetwork | None",
        database: "LoginDatabase | None",
        limits: "SharedLimits | None",
    ) -> LoginApp:
        args = self._args
        inputs = LoginAppArgs(
            resource_group_name=self._group.name,
            location=args["location"],
            tags=args.get("tags", _LEFT_OUT),
            workspace_id=logs.workspace_id,
            initial_users=args.get("initial_users", _LEFT_OUT),
            app_service_sku=args.get("app_service_sku", _LEFT_OUT),
            instances=args.get("instances", _LEFT_OUT),
            zone_redundant=args.get("zone_redundant", _LEFT_OUT),
            python_version=args.get("python_version", _LEFT_OUT),
            rate_limit=args.get("rate_limit", _LEFT_OUT),
            captcha=args.get("captcha", _LEFT_OUT),
            initial_passwords=args.get("initial_passwords", _LEFT_OUT),
            session_hours=args.get("session_hours", _LEFT_OUT),
            session_idle_minutes=args.get("session_idle_minutes", _LEFT_OUT),
            second_factor_for=args.get("second_factor_for", _LEFT_OUT),
            password_hash=args.get("password_hash", _LEFT_OUT),
            trusted_proxies=args.get("trusted_proxies", _LEFT_OUT),
            app_subnet_id=network.app_subnet_id if network else _LEFT_OUT,
            database_url=database.database_url if database else _LEFT_OUT,
            limits_url=limits.limits_url if limits else _LEFT_OUT,
            identity_id=identity.id if identity else _LEFT_OUT,
            database_identity=identity.client_id if identity and self._signs_in else _LEFT_OUT,
            vault_name=vault.vault_name if vault else _LEFT_OUT,
        )
        return LoginApp(f"{self._name}-app", _stated(inputs), self._child)

    def _playbook(self, app: LoginApp) -> "ResponsePlaybook | None":
        args, mode = self._args, self._args.get("playbook", "none")
        if mode == "none":
            return None
        from components.response_playbook import ResponsePlaybook, ResponsePlaybookArgs

        inputs = ResponsePlaybookArgs(
            resource_group_name=self._group.name,
            location=args["location"],
            tags=args.get("tags", _LEFT_OUT),
            notify_url=args["playbook_url"],
            message_format=args.get("playbook_format", _LEFT_OUT),
            mode=mode,
            web_app_id=app.app_id if mode == "block" else _LEFT_OUT,
            never_block=args.get("never_block", _LEFT_OUT),
        )
        return ResponsePlaybook(f"{self._name}-playbook", _stated(inputs), self._child)

    def _alert_routing(self, playbook: "ResponsePlaybook | None") -> AlertRouting:
        args = self._args
        target: LogicAppTarget | None = None
        if playbook:
            target = {
                "name": "playbook",
                "workflow_id": playbook.workflow_id,
                "callback_url": playbook.trigger_url,
            }
        inputs = AlertRoutingArgs(
            resource_group_name=self._group.name,
            alert_emails=args["alert_emails"],
            urgent_emails=args.get("urgent_emails", _LEFT_OUT),
            sms_numbers=args.get("sms_numbers", _LEFT_OUT),
            webhook_url=args.get("webhook_url", _LEFT_OUT),
            logic_apps=[target] if target else _LEFT_OUT,
            suppression_windows=args.get("suppression_windows", _LEFT_OUT),
            resource_group_id=self._group.id,
            tags=args.get("tags", _LEFT_OUT),
        )
        return AlertRouting(f"{self._name}-alerts", _stated(inputs), self._child)

    def _dashboard(self, logs: LogStore) -> SecurityDashboard | None:
        if not self._args.get("dashboard", True):
            return None
        inputs = SecurityDashboardArgs(
            resource_group_name=self._group.name,
            location=self._args["location"],
            tags=self._args.get("tags", _LEFT_OUT),
            workspace_id=logs.workspace_id,
            login_sources=self._args.get("login_sources", _LEFT_OUT),
        )
        return SecurityDashboard(f"{self._name}-dashboard", _stated(inputs), self._child)

    def _detections(
        self, logs: LogStore, routing: AlertRouting, dashboard: SecurityDashboard | None
    ) -> DetectionSet:
        args = self._args
        inputs = DetectionSetArgs(
            resource_group_name=self._group.name,
            location=args["location"],
            tags=args.get("tags", _LEFT_OUT),
            workspace_id=logs.workspace_id,
            urgent_action_group_id=routing.urgent_action_group_id,
            routine_action_group_id=routing.routine_action_group_id,
            detections=args.get("detections", _LEFT_OUT),
            detection_overrides=args.get("detection_overrides", _LEFT_OUT),
            exceptions=args.get("exceptions", _LEFT_OUT),
            mute_duration=args.get("mute_duration", _LEFT_OUT),
            optional_tables=self._optional_tables,
            logs_since=logs.created,
            login_sources=args.get("login_sources", _LEFT_OUT),
            runbook_url=dashboard.portal_link if dashboard else _LEFT_OUT,
        )
        return DetectionSet(f"{self._name}-detections", _stated(inputs), self._child)

    def _platform_alerts(
        self,
        logs: LogStore,
        app: LoginApp,
        database: "LoginDatabase | None",
        routing: AlertRouting,
    ) -> PlatformAlerts | None:
        args = self._args
        if not args.get("platform_alerts", True):
            return None
        has_metrics = has_always_on(args.get("app_service_sku") or "B1")
        inputs = PlatformAlertsArgs(
            resource_group_name=self._group.name,
            location=args["location"],
            tags=args.get("tags", _LEFT_OUT),
            urgent_action_group_id=routing.urgent_action_group_id,
            routine_action_group_id=routing.routine_action_group_id,
            app_id=app.app_id,
            url=app.url,
            health_text=HEALTH_TEXT,
            rules_group_id=self._group.id,
            insights_id=logs.insights_id,
            plan_id=app.plan_id if has_metrics else _LEFT_OUT,
            database_id=database.server_id if database else _LEFT_OUT,
            availability_test=args.get("availability_test", _LEFT_OUT),
            service_health=args.get("service_health", _LEFT_OUT),
            metric_overrides=args.get("metric_overrides", _LEFT_OUT),
        )
        # After the code: the availability test would ring for an app that is not there yet.
        after_the_code = pulumi.ResourceOptions(parent=self, depends_on=app)
        return PlatformAlerts(f"{self._name}-platform", _stated(inputs), after_the_code)

    def _sentinel(self, logs: LogStore) -> "SentinelRules | None":
        args = self._args
        if not args.get("sentinel", False):
            return None
        from components.sentinel_rules import SentinelRules, SentinelRulesArgs

        inputs = SentinelRulesArgs(
            resource_group_name=self._group.name,
            workspace_name=logs.workspace_name,
            detections=args.get("detections", _LEFT_OUT),
            detection_overrides=args.get("detection_overrides", _LEFT_OUT),
            exceptions=args.get("exceptions", _LEFT_OUT),
            optional_tables=self._optional_tables,
            login_sources=args.get("login_sources", _LEFT_OUT),
        )
        return SentinelRules(f"{self._name}-sentinel", _stated(inputs), self._child)

    def _activity_export(
        self, logs: LogStore, parts: Sequence[pulumi.Resource | None]
    ) -> "ActivityExport | None":
        if not self._args.get("activity_log", False):
            return None
        from components.activity_export import ActivityExport, ActivityExportArgs

        inputs = ActivityExportArgs(workspace_id=logs.workspace_id)
        made = [part for part in parts if part is not None]
        after_all = pulumi.ResourceOptions(parent=self, depends_on=made)
        return ActivityExport(f"{self._name}-activity", inputs, after_all)

    @property
    def _has_database(self) -> bool:
        return self._args.get("database", "none") == "postgres"

    @property
    def _signs_in(self) -> bool:
        """Whether the app's identity is a user of the database."""
        way = self._args.get("database_authentication")
        return self._has_database and way in ("entra", "both")

    @property
    def _optional_tables(self) -> list[str]:
        return optional_tables(
            daily_cap_gb=self._args.get("daily_cap_gb", 0),
            activity_log=self._args.get("activity_log", False),
            database=self._args.get("database", "none"),
        )


def optional_tables(*, daily_cap_gb: float, activity_log: bool, database: str) -> list[str]:
    """The log tables beside App Service's that get rows in a stack of these inputs."""
    filled = {
        "_LogOperation": bool(daily_cap_gb),
        "AzureActivity": activity_log,
        "PGSQLServerLogs": database != "none",
    }
    return [table for table, wanted in filled.items() if wanted]


def _stated(inputs: Inputs) -> Inputs:
    """Without what was left out: the part has its own default there."""
    return cast(Inputs, {key: value for key, value in inputs.items() if value is not None})


def _refuse_unknown_words(args: MonitoredLoginArgs) -> None:
    """Words that decide which parts there are; the parts check their own."""
    for key, word, allowed in (
        ("database", args.get("database", "none"), DATABASES),
        ("playbook", args.get("playbook", "none"), PLAYBOOKS),
    ):
        if word not in allowed:
            words = f"{word!r} is not offered; expected {', '.join(allowed)}"
            raise pulumi.InputPropertyError(key, words)
    if args.get("playbook", "none") != "none" and not args.get("playbook_url"):
        raise pulumi.InputPropertyError("playbook_url", "is missing; expected with a playbook")
