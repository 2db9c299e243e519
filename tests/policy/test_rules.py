"""Each rule of the policy pack, on resources that break it and on resources that do not."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from policy import catalogue
from policy.declared import UNKNOWN, Declared
from policy.rule import StackRule
from tests.support.policy_resources import APP_ID, a_log_rule, a_setting, an_app, declared, urn

PASSWORD = "-".join(["correct", "horse", "battery"])
SECRET_PLACE = ("siteConfig", "appSettings", 0, "value")


def app_with(name: str, value: str, *, marked: bool = False) -> Declared:
    setting = {"name": name, "value": value}
    app = an_app({"appSettings": [setting]}, id=APP_ID)
    return replace(app, secrets=frozenset({SECRET_PLACE})) if marked else app


def store(stack: str = "prod", *, protected: bool = True, days: int | None = 90) -> Declared:
    properties = {} if days is None else {"retentionInDays": days}
    kind = "operationalinsights:Workspace"
    return declared(kind, properties, name="store", stack=stack, protected=protected)


def server(stack: str = "prod", *, protected: bool = True, passwords: str = "Disabled") -> Declared:
    properties = {"authConfig": {"passwordAuth": passwords}}
    kind = "dbforpostgresql:Server"
    return declared(kind, properties, name="server", stack=stack, protected=protected)


def vault(stack: str = "prod", *, protected: bool = True, **changes: object) -> Declared:
    inside = {"enableRbacAuthorization": True, "enablePurgeProtection": True, **changes}
    properties = {"properties": inside}
    return declared("keyvault:Vault", properties, name="vault", stack=stack, protected=protected)


def asking(query: str, **changes: object) -> dict[str, object]:
    """A log rule's criteria with one dimension."""
    condition = {"operator": "GreaterThanOrEqual", "threshold": 3, "dimensions": ["SrcIpAddr"]}
    return {"allOf": [{**condition, "query": query, **changes}]}


def action_group(location: str | None) -> Declared:
    properties = {} if location is None else {"location": location}
    return declared("monitor:ActionGroup", properties, name="group")


APP = an_app(id=APP_ID)
MAIL_ONLY = [{"category": "AppServiceConsoleLogs", "enabled": True}]
OFF = [{"category": "AppServiceConsoleLogs", "enabled": False}]
ALL = [{"categoryGroup": "allLogs", "enabled": True}]

BREAKS: list[tuple[str, list[Declared], str]] = [
    ("web-app-https-only", [an_app(httpsOnly=False), a_setting()], "plain HTTP"),
    ("web-app-https-only", [an_app(httpsOnly=None)], "plain HTTP"),
    ("web-app-tls-floor", [an_app({"minTlsVersion": "1.1"})], "minTlsVersion 1.1"),
    ("web-app-tls-floor", [an_app({"scmMinTlsVersion": None})], "no siteConfig.scmMinTlsVersion"),
    ("web-app-ftp-off", [an_app({"ftpsState": "AllAllowed"})], "AllAllowed"),
    ("web-app-ftp-off", [an_app({"ftpsState": "FtpsOnly"})], "FtpsOnly"),
    ("web-app-ftp-off", [an_app({"ftpsState": None})], "is not stated"),
    ("web-app-no-plain-secret", [app_with("DB_PASSWORD", PASSWORD)], "DB_PASSWORD"),
    ("web-app-no-plain-secret", [app_with("INITIAL_USERS", '{"a": "b"}')], "INITIAL_USERS"),
    ("web-app-no-plain-secret", [app_with("STORAGE_KEY", PASSWORD)], "STORAGE_KEY"),
    ("web-app-no-plain-secret", [app_with("PASSWORD_HASH", "$argon2id$v=19$c2E")], "PASSWORD_HASH"),
    (
        "web-app-no-plain-secret",
        [app_with("DATABASE", f"postgresql://app:{PASSWORD}@db/logins")],
        "DATABASE",
    ),
    (
        "web-app-no-plain-secret",
        [an_app({"connectionStrings": [{"name": "db", "connectionString": PASSWORD}]})],
        "db (connection_string)",
    ),
    ("web-app-logs-are-kept", [APP], "no diagnostic setting"),
    ("web-app-logs-are-kept", [APP, a_setting(logs=MAIL_ONLY)], "no AppServiceHTTPLogs"),
    ("web-app-logs-are-kept", [APP, a_setting(logs=OFF)], "no AppServiceConsoleLogs and no"),
    ("web-app-logs-are-kept", [APP, a_setting(workspaceId=None)], "to a workspace"),
    ("web-app-logs-are-kept", [APP, a_setting(resourceUri="/other")], "no diagnostic setting"),
    ("alert-rule-routed", [a_log_rule(actions={"actionGroups": []})], "tells nobody"),
    ("alert-rule-routed", [a_log_rule(actions=None)], "tells nobody"),
    ("alert-rule-routed", [declared("monitor:MetricAlert", {"location": "global"})], "nobody"),
    ("alert-rule-routed", [declared("monitor:ActivityLogAlert", {"actions": {}})], "nobody"),
    ("alert-rule-mute-or-resolve", [a_log_rule(muteActionsDuration="PT1H")], "PT1H"),
    (
        "alert-rule-mute-or-resolve",
        [a_log_rule(muteActionsDuration="PT1H", autoMitigate=None)],
        "PT1H",
    ),
    (
        "alert-rule-known-operator",
        [a_log_rule(criteria={"allOf": [{"operator": "Equals"}]})],
        "'Equals'",
    ),
    ("alert-rule-known-operator", [a_log_rule(criteria={"allOf": [{"operator": "gt"}]})], "'gt'"),
    ("alert-rule-size", [a_log_rule(criteria=asking("x" * 70_000))], "of which Azure takes 65536"),
    ("alert-rule-small-query", [a_log_rule(criteria=asking("x" * 17_000))], "17000 bytes"),
    ("alert-rule-own-threshold", [a_log_rule(criteria=asking("T | where N > 0"))], "bills each"),
    ("state-protected", [server(protected=False)], "one changed setting"),
    ("state-protected", [vault(protected=False)], "one changed setting"),
    ("vault-purge-protection", [vault(enablePurgeProtection=None)], "emptied for good"),
    ("vault-by-roles", [vault(enableRbacAuthorization=False)], "access policies"),
    ("database-no-passwords", [server(passwords="Enabled")], "takes passwords"),
    ("action-group-global", [action_group("westeurope")], "westeurope"),
    ("action-group-global", [action_group(None)], "no location"),
    ("log-store-protected", [store(protected=False)], "one wrong command"),
    ("log-store-protected", [store("prod-eu", protected=False)], "one wrong command"),
    ("log-store-retention", [store(days=30)], "30 days"),
    ("log-store-retention", [store(days=None)], "30 days"),
]

KEEPS: list[tuple[str, list[Declared]]] = [
    ("web-app-https-only", [an_app()]),
    ("web-app-https-only", [an_app(httpsOnly=UNKNOWN)]),
    ("web-app-tls-floor", [an_app({"minTlsVersion": "1.3", "scmMinTlsVersion": "1.3"})]),
    ("web-app-tls-floor", [an_app(siteConfig=UNKNOWN)]),
    ("web-app-ftp-off", [an_app()]),
    ("web-app-no-plain-secret", [app_with("DB_PASSWORD", PASSWORD, marked=True)]),
    ("web-app-no-plain-secret", [app_with("DB_PASSWORD", "@Microsoft.KeyVault(SecretUri=…)")]),
    ("web-app-no-plain-secret", [app_with("DB_PASSWORD", UNKNOWN)]),
    ("web-app-no-plain-secret", [app_with("INITIAL_PASSWORDS", "change")]),
    ("web-app-no-plain-secret", [app_with("PASSWORD_HASH", "m=12288,t=3")]),
    ("web-app-no-plain-secret", [app_with("TOKEN_LIFETIME", "3600")]),
    ("web-app-no-plain-secret", [app_with("RATE_LIMIT", "30 per minute")]),
    ("web-app-no-plain-secret", [app_with("DOCS", "https://example.com/a@b")]),
    ("web-app-logs-are-kept", [APP, a_setting()]),
    ("web-app-logs-are-kept", [APP, a_setting(logs=ALL)]),
    ("web-app-logs-are-kept", [APP, a_setting(resourceUri=APP_ID.upper())]),
    (
        "web-app-logs-are-kept",
        [an_app(), a_setting(resourceUri=UNKNOWN, dependencies=(urn("app"),))],
    ),
    ("web-app-logs-are-kept", []),
    ("alert-rule-routed", [a_log_rule()]),
    ("alert-rule-routed", [a_log_rule(actions=UNKNOWN)]),
    ("alert-rule-routed", [a_log_rule(actions={"actionGroups": [UNKNOWN]})]),
    (
        "alert-rule-routed",
        [declared("monitor:MetricAlert", {"actions": [{"actionGroupId": "/g"}]})],
    ),
    ("alert-rule-mute-or-resolve", [a_log_rule()]),
    ("alert-rule-mute-or-resolve", [a_log_rule(muteActionsDuration="PT1H", autoMitigate=False)]),
    ("alert-rule-known-operator", [a_log_rule()]),
    ("alert-rule-known-operator", [a_log_rule(criteria={"allOf": [{"threshold": 1}]})]),
    ("alert-rule-size", [a_log_rule(criteria=asking("x" * 60_000))]),
    ("alert-rule-small-query", [a_log_rule(criteria=asking("x" * 16_000))]),
    ("alert-rule-small-query", [a_log_rule(criteria=asking(UNKNOWN))]),
    ("alert-rule-own-threshold", [a_log_rule(criteria=asking("T\n| where N >= 3"))]),
    ("alert-rule-own-threshold", [a_log_rule(criteria=asking("T", dimensions=[]))]),
    ("alert-rule-own-threshold", [a_log_rule(criteria=asking("T", threshold=1))]),
    ("alert-rule-own-threshold", [a_log_rule(criteria=asking(UNKNOWN))]),
    ("state-protected", [server(), vault(), server("dev", protected=False)]),
    ("vault-purge-protection", [vault(), vault("dev", enablePurgeProtection=None)]),
    ("vault-by-roles", [vault()]),
    ("database-no-passwords", [server(), server("dev", passwords="Enabled")]),
    ("action-group-global", [action_group("Global")]),
    ("action-group-global", [action_group(UNKNOWN)]),
    ("log-store-protected", [store()]),
    ("log-store-protected", [store("dev", protected=False)]),
    ("log-store-protected", [store("product-test", protected=False)]),
    ("log-store-retention", [store()]),
    ("log-store-retention", [store("dev", days=30)]),
]


def found(rule: str, resources: Sequence[Declared]) -> list[str]:
    return [each.message for each in catalogue.violations(resources) if each.rule == rule]


@pytest.mark.parametrize(("rule", "resources", "words"), BREAKS)
def test_a_resource_that_breaks_a_rule_is_found(
    rule: str, resources: list[Declared], words: str
) -> None:
    (message,) = found(rule, resources)
    assert words in message
    assert PASSWORD not in message, "a secret is not shown, not even as a mistake"


@pytest.mark.parametrize(("rule", "resources"), KEEPS)
def test_a_resource_that_keeps_a_rule_is_left_alone(rule: str, resources: list[Declared]) -> None:
    assert rule in {each.name for each in catalogue.RULES}
    assert found(rule, resources) == []


def test_every_rule_is_tested_both_ways() -> None:
    names = {rule.name for rule in catalogue.RULES}
    assert {name for name, *_ in BREAKS} == names
    assert {name for name, *_ in KEEPS} == names


def test_every_rule_says_what_it_wants_and_what_to_do() -> None:
    names = [rule.name for rule in catalogue.RULES]
    assert len(names) == len(set(names))
    for rule in catalogue.RULES:
        assert rule.description.endswith("."), rule.name
        assert rule.remediation, rule.name
        assert isinstance(rule, StackRule) or rule.types, rule.name


def test_a_message_names_resource_problem_expectation_and_rule() -> None:
    (message,) = found("web-app-ftp-off", [an_app({"ftpsState": "AllAllowed"})])
    assert message == (
        "app takes files by FTP (siteConfig.ftpsState AllAllowed);"
        ' set ftps_state="Disabled" in site_config (web-app-ftp-off)'
    )


def test_mandatory_violations_come_first() -> None:
    resources = [store(protected=False, days=30), a_log_rule(actions=None)]
    levels = [each.level for each in catalogue.violations(resources)]
    assert levels == ["mandatory", "mandatory", "advisory"]
