"""The stack's settings: read once, checked against each other, before any resource exists.

The keys, their types and their defaults stand in Pulumi.yaml; this is their only reader.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, cast

import pulumi
from pulumi.runtime.config import CONFIG

from components.alert_routing import SmsNumber
from components.alerts.suppression_window import SuppressionWindow
from components.content.detection import DetectionError
from components.detection_set import DetectionOverride, chosen_detections
from components.limits.alert_rule import MUTE_DURATIONS
from components.limits.app_service import PYTHON_VERSIONS, SKUS, refusals
from components.limits.database import DatabaseChoice
from components.limits.refusal import nearest
from components.monitored_login import MonitoredLoginArgs, optional_tables
from components.platform_alerts import MetricOverride
from components.playbook.definition import FORMATS, PlaybookChoices
from components.playbook.definition import problems as playbook_problems
from settings import values
from settings.values import RefusedError


class SettingsError(pulumi.RunError):
    """Settings that cannot work, one a line; the engine shows a RunError without a traceback."""


@dataclass(frozen=True)
class Settings:
    """Checked settings, in the words of Pulumi.yaml."""

    location: str
    alert_emails: tuple[str, ...]
    urgent_emails: tuple[str, ...]
    sms_numbers: tuple[SmsNumber, ...]
    webhook_url: str | None = field(repr=False)
    suppression_windows: tuple[SuppressionWindow, ...]
    playbook: str
    playbook_url: str | None = field(repr=False)
    playbook_format: str
    never_block: tuple[str, ...]
    retention_days: int
    daily_cap_gb: int
    protect_log_store: bool
    app_service_sku: str
    instances: int
    zone_redundant: bool
    python_version: str
    rate_limit: str
    captcha: str
    initial_passwords: str
    session_hours: int
    session_idle_minutes: int
    second_factor_for: tuple[str, ...]
    password_hash: str
    trusted_proxies: tuple[str, ...]
    initial_users: Mapping[str, str] = field(repr=False)
    database: str
    database_sku: str
    database_authentication: str
    database_public_access: tuple[str, ...]
    shared_limits: bool
    key_vault: bool
    detections: tuple[str, ...]
    detection_overrides: Mapping[str, DetectionOverride]
    mute_duration: str | None
    platform_alerts: bool
    metric_overrides: Mapping[str, MetricOverride]
    availability_test: bool
    service_health: bool
    dashboard: bool
    activity_log: bool
    sentinel: bool
    tags: Mapping[str, str]

    def inputs(self) -> MonitoredLoginArgs:
        """The same as the stack's component takes it: secrets marked, what is not set left out."""
        given: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None or (each.name == "initial_users" and not value):
                continue
            value = list(value) if isinstance(value, tuple) else value
            given[each.name] = value if each.repr else pulumi.Output.secret(value)
        return cast(MonitoredLoginArgs, given)


def read(config: pulumi.Config | None = None) -> Settings:
    """The settings of the current stack; SettingsError tells everything that is wrong at once."""
    config = config or pulumi.Config()
    problems = _unknown(config.name)
    values: dict[str, Any] = {}
    for key, rule in _KEYS.items():
        text = config.get(key)
        try:
            if text is None:
                raise RefusedError("is missing")
            values[key] = rule.read(text)
        except RefusedError as refused:
            shown = "" if text is None else " (hidden)" if rule.is_secret else f" {text}"
            expectation = refused.expectation or rule.expectation
            if refused.lines:
                problems += refused.lines
                continue
            problems.append(f"{key}{shown} {refused.problem}; {expectation}")
    problems += _across(values)
    if problems:
        listed = "\n".join(f"  - {each}" for each in problems)
        raise SettingsError(f"stack {pulumi.get_stack()} has settings that cannot work:\n{listed}")
    values["tags"] = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        **values["tags"],
    }
    return Settings(**{_snake(key): value for key, value in values.items()})


def _unknown(project: str) -> list[str]:
    """Keys that nobody reads: most often a slip of the finger."""
    given = [key.partition(":")[2] for key in CONFIG.get() if key.startswith(f"{project}:")]
    return [
        f"{key} is no setting; {nearest(key, _KEYS)}" for key in sorted(given) if key not in _KEYS
    ]


def _across(values: Mapping[str, Any]) -> list[str]:
    """Rules between settings, each where the settings that it speaks of are sound themselves."""
    rules = (_plan_rules, _database_rules, _playbook_rules, _detection_rules)
    return [problem for rule in rules for problem in _applied(rule, values)]


def _applied(
    rule: Callable[[Mapping[str, Any]], list[str]], values: Mapping[str, Any]
) -> list[str]:
    try:
        return rule(values)
    except KeyError:  # one of its settings was refused already
        return []


def _plan_rules(values: Mapping[str, Any]) -> list[str]:
    has_database = values["database"] != "none"
    needs_network = has_database and not values["databasePublicAccess"]
    found = refusals(
        values["appServiceSku"],
        instances=values["instances"],
        zone_redundant=values["zoneRedundant"],
        joins_network=needs_network or values["sharedLimits"],
        shares_limits=values["sharedLimits"],
        shares_users=has_database,
    )
    return [f"{_camel(each.key)} {each.value} {each.problem}; {each.expectation}" for each in found]


def _database_rules(values: Mapping[str, Any]) -> list[str]:
    keys = ("databaseSku", "databaseAuthentication", "databasePublicAccess")
    choice = DatabaseChoice.of({_snake(key): values[key] for key in keys})
    return [f"{_camel(key)} {words}" for key, words in choice.problems().items()]


def _playbook_rules(values: Mapping[str, Any]) -> list[str]:
    found = []
    if values["playbook"] != "none" and not values["playbookUrl"]:
        found.append(
            "playbookUrl is missing; expected the incoming webhook of the channel that the playbook"
            " tells: pulumi config set --secret playbookUrl"
        )
    choices = PlaybookChoices(never_block=list(values["neverBlock"]))
    found += [f"{_camel(key)} {words}" for key, words in playbook_problems(choices)]
    return found


def _detection_rules(values: Mapping[str, Any]) -> list[str]:
    selection, overrides, mute = (
        values[key] for key in ("detections", "detectionOverrides", "muteDuration")
    )
    tables = optional_tables({_snake(key): value for key, value in values.items()})
    try:
        chosen_detections(selection, overrides, mute, tables)
    except DetectionError as error:
        return str(error).splitlines()
    return []


def _camel(key: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), key)


def _snake(key: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[0].lower()}", key)


class _Key(NamedTuple):
    """How one key is read, and what is expected of it."""

    read: Callable[[str], Any]
    expectation: str
    is_secret: bool = False


_FLAG = _Key(values.flag, "expected true or false")
_KEYS: dict[str, _Key] = {
    "location": _Key(
        values.region, "expected the short name of an Azure region, such as westeurope"
    ),
    "alertEmails": _Key(
        values.addresses,
        "expected an address or more: pulumi config set --path 'alertEmails[0]' <address>",
    ),
    "urgentEmails": _Key(values.more_addresses, "expected addresses, [] for none"),
    "smsNumbers": _Key(values.sms_numbers, "expected numbers such as +49 15112345678, [] for none"),
    "webhookUrl": _Key(
        values.webhook,
        "expected https://…: pulumi config set --secret webhookUrl <url>",
        is_secret=True,
    ),
    "suppressionWindows": _Key(values.windows, "expected a list of windows"),
    "playbook": _Key(values.one_of(values.PLAYBOOKS), "expected none, simulate or block"),
    "playbookUrl": _Key(
        values.webhook,
        "expected https://…: pulumi config set --secret playbookUrl <url>",
        is_secret=True,
    ),
    "playbookFormat": _Key(values.one_of(FORMATS), "expected teams or slack"),
    "neverBlock": _Key(values.texts, "expected addresses and networks, [] for none"),
    "retentionDays": _Key(values.whole(30, 730), "expected 30 to 730"),
    "dailyCapGb": _Key(values.whole(0, 4000), "expected whole gigabytes a day, 0 for no cap"),
    "protectLogStore": _FLAG,
    "appServiceSku": _Key(values.one_of(SKUS), f"expected one of {', '.join(SKUS)}"),
    "instances": _Key(values.whole(1, 30), "expected 1 to 30"),
    "zoneRedundant": _FLAG,
    "pythonVersion": _Key(
        values.one_of(PYTHON_VERSIONS), f"expected one of {', '.join(PYTHON_VERSIONS)}"
    ),
    "rateLimit": _Key(values.rate_limit, "expected a limit such as 30 per minute"),
    "captcha": _Key(values.one_of(values.CAPTCHAS), "expected off, adaptive or always"),
    "initialPasswords": _Key(values.one_of(values.INITIAL_PASSWORDS), "expected change or keep"),
    "sessionHours": _Key(values.whole(1, 720), "expected 1 to 720"),
    "sessionIdleMinutes": _Key(values.whole(1, 1440), "expected 1 to 1440"),
    "secondFactorFor": _Key(values.user_names, "expected user names, [] for nobody"),
    "passwordHash": _Key(
        values.hash_cost, "expected at least what m=12288,t=3 costs, such as m=19456,t=2"
    ),
    "trustedProxies": _Key(values.networks, "expected networks, [] for none"),
    "initialUsers": _Key(
        values.users,
        "expected a password for each user: pulumi config set --secret --path initialUsers.<name>",
        is_secret=True,
    ),
    "database": _Key(values.one_of(values.DATABASES), "expected none or postgres"),
    "databaseSku": _Key(values.text, "expected a size such as Standard_B1ms"),
    "databaseAuthentication": _Key(values.text, "expected password, entra or both"),
    "databasePublicAccess": _Key(
        values.texts, "expected IPv4 addresses or ranges, [] for a private server"
    ),
    "sharedLimits": _FLAG,
    "keyVault": _FLAG,
    "detections": _Key(values.selection, "expected essential, all, or a list of slugs"),
    "detectionOverrides": _Key(values.overrides, "expected an object of changes by slug"),
    "muteDuration": _Key(values.mute, f"expected nothing, or one of {', '.join(MUTE_DURATIONS)}"),
    "platformAlerts": _FLAG,
    "metricOverrides": _Key(values.metric_overrides, "expected an object of changes by alert"),
    "availabilityTest": _FLAG,
    "serviceHealth": _FLAG,
    "dashboard": _FLAG,
    "activityLog": _FLAG,
    "sentinel": _FLAG,
    "tags": _Key(values.tags, "expected an object of names and texts"),
}
