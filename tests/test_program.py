"""The program as the engine runs it, for every stack."""

import runpy
from collections import Counter

import pulumi
import pytest

import components
from components.alerts.activity_log_alerts import ACTIVITY_LOG_ALERTS
from components.content import analytics_rule, detection, kql_function, login_sources
from components.content.detection import OPTIONAL_TABLES
from components.content.places import ROOT
from tests.conftest import Engine, StackConfig

NEEDED = {
    "alertEmails": ["soc@example.com"],
    "initialUsers": {"alice": "correct-horse-battery"},
}
MAX = {
    "webhookUrl": "https://hooks.example.com/key",
    "dailyCapGb": 5,
    "detections": ["all"],
    "muteDuration": "PT1H",
    "protectLogStore": True,
    "tags": {"team": "soc"},
}
RULE = "azure-native:monitor:ScheduledQueryRule"
GROUP = "azure-native:monitor:ActionGroup"

FUNCTIONS = login_sources.needed(kql_function.load_all())


def deployed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.chdir(ROOT)
    return engine.deploy(lambda: runpy.run_path("__main__.py", run_name="__main__") and None)


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_stack_makes_the_same_kinds_of_things(
    stack: str, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_config(stack, **NEEDED)
    engine = deployed(Engine(stack), monkeypatch)
    library = detection.load_all().values()
    filled = {"_LogOperation", "AzureActivity"} if stack == "local" else set()
    empty = OPTIONAL_TABLES.keys() - filled
    seen = [each for each in library if not set(each.tables) & empty]
    chosen = [each for each in seen if stack != "dev" or each.essential]
    counts = Counter(each.type for each in engine.registered)
    assert {
        kind: number for kind, number in counts.items() if not kind.startswith("login-monitor:")
    } == {
        "azure-native:resources:ResourceGroup": 1,
        "azure-native:monitor:ActionGroup": 2,
        "azure-native:alertsmanagement:AlertProcessingRuleByName": 1,
        "azure-native:monitor:MetricAlert": counts["azure-native:monitor:MetricAlert"],
        "azure-native:monitor:ActivityLogAlert": len(ACTIVITY_LOG_ALERTS),
        "azure-native:applicationinsights:Workbook": 1,
        **({"azure-native:applicationinsights:WebTest": 1} if stack != "dev" else {}),
        **({"azure-native:monitor:SubscriptionDiagnosticSetting": 1} if filled else {}),
        "azure-native:operationalinsights:Workspace": 1,
        "azure-native:operationalinsights:SavedSearch": len(
            login_sources.needed(kql_function.load_all())
        )
        + len(list((ROOT / "kql" / "hunting").glob("*.kql"))),
        "azure-native:applicationinsights:Component": 1,
        "azure-native:web:AppServicePlan": 1,
        "azure-native:web:WebApp": 1,
        "azure-native:web:WebAppScmAllowed": 1,
        "azure-native:web:WebAppFtpAllowed": 1,
        "azure-native:monitor:DiagnosticSetting": 1,
        "azure-native:monitor:ScheduledQueryRule": len(chosen),
        "random:index/randomId:RandomId": 1,
        "random:index/randomPassword:RandomPassword": 1,
        "command:local:Command": 1,
    }


def test_the_stack_with_every_option_has_every_part(
    stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_config("max", **NEEDED)
    engine = deployed(Engine("max"), monkeypatch)
    made = {each.type.removeprefix("login-monitor:index:") for each in engine.registered}
    assert set(components.__all__) - made == {"AppLogs"}, "for apps that exist already"
    rules = engine.all("azure-native:securityinsights:ScheduledAlertRule")
    carried, _ = analytics_rule.carried_over(list(detection.load_all().values()))
    assert len(rules) == len(carried), "Sentinel has the same detections, where it can"


def test_prod_is_what_dev_saves_on(
    stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_config("prod", **NEEDED)
    engine = deployed(Engine("prod"), monkeypatch)
    workspace = engine.one("azure-native:operationalinsights:Workspace")
    assert workspace.protect
    assert workspace["retentionInDays"] == 90
    assert engine.one("azure-native:web:AppServicePlan")["sku"] == {"name": "P1v3", "capacity": 1}
    assert workspace["tags"] == {"project": "login-monitor", "stack": "prod"}


def test_a_stack_with_everything_is_still_one_that_azure_takes(
    engine: Engine, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_config("dev", **NEEDED | MAX)
    deployed(engine, monkeypatch)
    rules = engine.all(RULE)
    filled = {table for table in OPTIONAL_TABLES if table != "_LogOperation"}
    seen = [each for each in detection.load_all().values() if not set(each.tables) & filled]
    assert len(rules) == len(seen)
    for rule in rules:
        assert rule["muteActionsDuration"] == "PT1H"
        assert rule["autoMitigate"] is False, "Azure refuses both"
        assert len(rule["criteria"]["allOf"]) == 1
        assert len(rule["actions"]["actionGroups"]) <= 5
    assert all(each["webhookReceivers"] for each in engine.all(GROUP))


def test_settings_reach_the_resources(
    engine: Engine, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_config(
        "dev",
        **NEEDED,
        location="swedencentral",
        pythonVersion="3.13",
        rateLimit="9 per hour",
        retentionDays=60,
        detections=["password_spray"],
        detectionOverrides={"password_spray": {"threshold": 99, "severity": 0}},
    )
    deployed(engine, monkeypatch)
    site = engine.one("azure-native:web:WebApp")
    assert site["location"] == "swedencentral"
    assert site["siteConfig"]["linuxFxVersion"] == "PYTHON|3.13"
    assert {"name": "RATE_LIMIT", "value": "9 per hour"} in site["siteConfig"]["appSettings"]
    rule = engine.one(RULE)
    assert rule["criteria"]["allOf"][0]["threshold"] == 99
    assert rule["severity"] == 0


def test_a_refused_stack_registers_nothing(
    engine: Engine, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_config("dev", **NEEDED | {"retentionDays": 1})
    with pytest.raises(pulumi.RunError, match="retentionDays 1 is out of range"):
        deployed(engine, monkeypatch)
    assert not engine.registered


def test_secrets_stay_secret_on_their_way_through_the_program(
    engine: Engine, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack_config("dev", **NEEDED, webhookUrl="https://hooks.example.com/key")
    deployed(engine, monkeypatch)
    words = ("correct-horse-battery", "hooks.example.com")
    holders = [
        each for each in engine.registered if any(word in str(each.inputs) for word in words)
    ]
    assert len(holders) >= 2, "the app's settings and the action groups"
    assert [each.name for each in holders if not each.secrets] == []


def test_the_outputs_are_what_people_ask_for_next(
    engine: Engine, stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported: dict[str, object] = {}
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)
    stack_config("dev", **NEEDED)
    deployed(engine, monkeypatch)
    assert list(exported) == [
        "url",
        "firstUserPassword",
        "resourceGroupName",
        "appName",
        "workspaceId",
        "workspaceCustomerId",
        "alertRuleIds",
        "platformAlertIds",
        "logsLink",
        "alertsLink",
        "dashboardLink",
    ]


def test_logical_names_do_not_depend_on_the_stack(
    stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pulumi stack rename` would otherwise replace every resource."""
    names = []
    for stack in ("dev", "prod"):
        stack_config(stack, **NEEDED, detections=["all"], availabilityTest=True)
        engine = deployed(Engine(stack), monkeypatch)
        names.append(sorted(each.name for each in engine.registered))
    assert names[0] == names[1]
