"""The settings of a stack: one row each, and nowhere else.

From a row come the field, with its type; the key in Pulumi.yaml and its line in docs/settings.md
(`make docs` writes both); what is refused, and how; and the argument of the stack's component.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import pulumi

from components.alert_routing import SmsNumber
from components.alerts.suppression_window import SuppressionWindow
from components.detection_set import DetectionException, DetectionOverride
from components.limits.app_service import PYTHON_VERSIONS, SKUS
from components.limits.database import AUTHENTICATIONS
from components.limits.workspace import RETENTION_DAYS
from components.login_app import CAPTCHAS, INITIAL_PASSWORDS
from components.monitored_login import DATABASES, PLAYBOOKS, MonitoredLoginArgs
from components.platform_alerts import MetricOverride
from components.playbook.definition import FORMATS
from settings import setting as form
from settings import values
from settings.setting import setting


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Checked settings, in the words of Pulumi.yaml."""

    location: str = setting(
        values.region,
        "Azure region of everything that has one: {takes}.",
        default="westeurope",
    )
    alert_emails: tuple[str, ...] = setting(
        values.some_addresses,
        "Addresses that get every alert. Azure asks each to confirm itself once, by mail.",
    )
    urgent_emails: tuple[str, ...] = setting(
        values.addresses,
        "More addresses, that get urgent alerts only (severity 0 and 1).",
        default=[],
    )
    sms_numbers: tuple[SmsNumber, ...] = setting(
        values.sms_numbers,
        "Telephones that get urgent alerts as text messages, {takes}; at most one message in 5"
        " minutes each.",
        default=[],
    )
    webhook_url: str | None = setting(
        values.webhook,
        "URL that gets every alert as a POST in the common alert schema: {takes}. Set it with"
        " `{command}`, which asks for it.",
        default="",
        secret=True,
    )
    suppression_windows: tuple[SuppressionWindow, ...] = setting(
        values.windows,
        "Times in which alerts are recorded, but nobody is told: objects with name, timeZone"
        " (Windows name), and either start and end, or repeats (daily, weekly, monthly) with days,"
        " monthDays, startTime, endTime. Urgent alerts pass, unless severities names them.",
        default=[],
    )
    playbook: str = setting(
        values.one_of(PLAYBOOKS),
        "What answers alerts: none, simulate (a channel is told, and which address would be"
        " blocked) or block (the address is blocked for an hour; whoever deploys needs the right"
        " to assign roles).",
        default="none",
    )
    playbook_url: str | None = setting(
        values.webhook,
        "Incoming webhook of the Teams or Slack channel that the playbook tells: {takes}. Set it"
        " with `{command}`, which asks for it.",
        default="",
        secret=True,
        only_with="playbook",
    )
    playbook_format: str = setting(
        values.one_of(FORMATS),
        "Form of the channel's message, {takes}.",
        default="teams",
        only_with="playbook",
    )
    never_block: tuple[str, ...] = setting(
        values.networks,
        "Addresses and networks that the playbook never blocks, such as those of your own offices.",
        default=[],
        only_with="playbook",
    )
    retention_days: int = setting(
        values.whole(RETENTION_DAYS.start, RETENTION_DAYS.stop - 1),
        "Days that the logs are kept, {takes}.",
        default=30,
    )
    daily_cap_gb: int = setting(
        values.whole(0, values.MAX_DAILY_CAP_GB, " whole gigabytes, 0 for no cap"),
        "Gigabytes a day after which Azure drops logs, and every alert goes blind: {takes}. With a"
        " cap comes an alert rule that tells when it is reached.",
        default=0,
    )
    protect_log_store: bool = setting(
        values.flag,
        "Refuse to delete the log store, the database and the vault, also in `pulumi destroy`.",
        default=False,
    )
    app_service_sku: str = setting(
        values.one_of(SKUS, "a size such as F1, B1, S1 or P1v3"),
        "Size of the App Service plan: {takes}.",
        default="B1",
    )
    instances: int = setting(
        values.whole(1, values.MAX_INSTANCES),
        "Instances of the app, {takes}; more than 1 needs sharedLimits and a database.",
        default=1,
    )
    zone_redundant: bool = setting(
        values.flag,
        "Spread the plan over availability zones; Premium v2 sizes and larger, two instances or"
        " more.",
        default=False,
    )
    python_version: str = setting(
        values.version(PYTHON_VERSIONS),
        "Python of the app, {takes}.",
        default="3.12",
    )
    rate_limit: str = setting(
        values.rate_limit,
        "Sign-in attempts that one IPv4 address or IPv6 network (/64) may make: {takes}. Devices"
        " that have signed in before are counted by themselves.",
        default="30 per minute; 2000 per day",
    )
    captcha: str = setting(
        values.one_of(CAPTCHAS),
        "When the sign-in form asks the browser for a proof of work, which it does by itself: off,"
        " adaptive (of strangers, for accounts that fail too often) or always.",
        default="adaptive",
    )
    initial_passwords: str = setting(
        values.one_of(INITIAL_PASSWORDS),
        "Whether a password of initialUsers has to be changed at its first use: {takes}.",
        default="change",
    )
    session_hours: int = setting(
        values.whole(1, 720),
        "Hours after which a session ends however it is used: {takes}.",
        default=12,
    )
    session_idle_minutes: int = setting(
        values.whole(1, 1440),
        "Minutes after which a session ends that is not used: {takes}.",
        default=30,
    )
    second_factor_for: tuple[str, ...] = setting(
        values.user_names,
        "Who cannot do without a second factor: {takes}; the one name * is everybody.",
        default=[],
    )
    password_hash: str = setting(
        values.hash_cost,
        "Cost of a password hash: {takes}.",
        default="m=12288,t=3",
    )
    trusted_proxies: tuple[str, ...] = setting(
        values.networks,
        "Proxies in front of the app, such as the subnet of an Application Gateway, whose word on"
        " the client's address is taken: {takes}. App Service's own front end need not be named.",
        default=[],
    )
    initial_users: Mapping[str, str] | None = setting(
        values.users,
        "Passwords by user name of the accounts that the app makes: {takes}. Set each with"
        " `{command}`, which asks for the password. Empty, the app gets one account, first-user,"
        " with a random password: `pulumi stack output --show-secrets firstUserPassword`.",
        default={},
        secret=True,
    )
    database: str = setting(
        values.one_of(DATABASES),
        "Where the app keeps its users; none (a file of its own) or postgres (a flexible server,"
        " private unless databasePublicAccess says otherwise).",
        default="none",
    )
    database_sku: str = setting(
        values.database_size,
        "Size of the PostgreSQL server: {takes}.",
        default="Standard_B1ms",
        only_with="database",
    )
    database_authentication: str = setting(
        values.one_of(AUTHENTICATIONS),
        "How the app signs in to the database: {takes}. Entra means the app's own identity, and no"
        " password.",
        default="password",
        only_with="database",
    )
    database_public_access: tuple[str, ...] = setting(
        values.firewall_ranges,
        "IPv4 addresses or ranges that reach the database by the internet; empty for a private"
        " network. The word azure stands for every address inside Azure.",
        default=[],
        only_with="database",
    )
    database_geo_backup: bool = setting(
        values.flag,
        "Keep the database's backups in the paired region too, which costs them twice; chosen when"
        " the server is made, and for life.",
        default=False,
        only_with="database",
    )
    shared_limits: bool = setting(
        values.flag,
        "Count rate limits in Azure Managed Redis, so that several instances count together.",
        default=False,
    )
    key_vault: bool = setting(
        values.flag,
        "Keep the app's secrets in a key vault that its identity may read; whoever deploys needs"
        " the right to assign roles.",
        default=False,
    )
    purge_protection: bool = setting(
        values.flag,
        "Nobody can empty the key vault's bin before its 90 days are over; cannot be undone.",
        default=False,
        only_with="key_vault",
    )
    detections: tuple[str, ...] = setting(
        values.selection,
        "Which detections become alert rules: {takes}.",
        default=["essential"],
    )
    detection_overrides: Mapping[str, DetectionOverride] = setting(
        values.detection_overrides,
        "Own values by slug; each takes severity, threshold, sensitivity, window, frequency,"
        " enabled.",
        default={},
    )
    exceptions: tuple[DetectionException, ...] = setting(
        values.exceptions,
        "Rows that alert rules do not count, each an object with reason, expires (a day, within a"
        " year) and one or more of address, network, account, userAgent, path, which all hold"
        " together; with detections for some of them only. `python -m lab except` writes one.",
        default=[],
    )
    login_sources: tuple[str, ...] = setting(
        values.sources_of_logins,
        "Where the login events come from that detections, hunting queries and the workbook read:"
        " {takes}. Detections that need what none of them tells are left out.",
        default=["json"],
    )
    mute_duration: str | None = setting(
        values.mute,
        "Silence after an alert, an ISO 8601 duration from PT5M to P2D. Empty, alerts fire once and"
        " resolve by themselves.",
        default="",
    )
    platform_alerts: bool = setting(
        values.flag,
        "Metric, availability and activity-log alerts on the app, its plan, its database and the"
        " monitoring itself.",
        default=True,
    )
    metric_overrides: Mapping[str, MetricOverride] = setting(
        values.metric_overrides,
        "Own values by metric alert; each takes threshold, severity, enabled, and sensitivity where"
        " it is dynamic.",
        default={},
        only_with="platform_alerts",
    )
    availability_test: bool = setting(
        values.flag,
        "Ask for the health page from five places in the world, every five minutes; billed by the"
        " request.",
        default=True,
        only_with="platform_alerts",
    )
    service_health: bool = setting(
        values.flag,
        "Tell of Azure's own outages in the region, for which whoever deploys must be able to read"
        " the subscription.",
        default=True,
        only_with="platform_alerts",
    )
    dashboard: bool = setting(
        values.flag,
        "A workbook in the portal with sign-ins, attacks, alerts and the audit trail.",
        default=True,
    )
    activity_log: bool = setting(
        values.flag,
        "Send the subscription's activity log to the workspace, for detections that read it; needs"
        " rights on the subscription.",
        default=False,
    )
    sentinel: bool = setting(
        values.flag,
        "Microsoft Sentinel on the workspace, with the same detections as analytics rules; billed"
        " by volume.",
        default=False,
    )
    tags: Mapping[str, str] = setting(
        values.tags,
        "Tags of every resource that takes tags, beside project and stack.",
        default={},
    )

    def inputs(self) -> MonitoredLoginArgs:
        """The same as the stack's component takes it: secrets marked, what is not set left out."""
        given: dict[str, Any] = {}
        for row in ROWS.values():
            value = getattr(self, row.name)
            if value is None:
                continue
            value = list(value) if isinstance(value, tuple) else value
            given[row.argument] = pulumi.Output.secret(value) if row.secret else value
        return cast(MonitoredLoginArgs, given)


ROWS: Final = form.rows(Settings)
"""By key, in the order in which they are shown."""
