"""MonitoredLogin: the parts know each other."""

from typing import Any, cast

from components import MonitoredLogin
from components.monitored_login import MonitoredLoginArgs
from tests.conftest import Engine

RULE = "azure-native:monitor:ScheduledQueryRule"
GROUP = "azure-native:resources:ResourceGroup"
WORKSPACE = "azure-native:operationalinsights:Workspace"


def login(**changes: Any) -> MonitoredLogin:
    args = {
        "location": "westeurope",
        "alert_emails": ["soc@example.com"],
        "initial_users": {"alice": "correct-horse-battery"},
    } | changes
    return MonitoredLogin("login", cast(MonitoredLoginArgs, args))


def test_everything_lies_in_one_group_of_its_own(engine: Engine) -> None:
    group = engine.deploy(login).one(GROUP)
    assert group["location"] == "westeurope"
    groups = {
        each["resourceGroupName"]
        for each in engine.registered
        if "resourceGroupName" in each.inputs
    }
    assert groups == {group.name}


def test_everything_regional_is_in_the_same_region(engine: Engine) -> None:
    engine.deploy(lambda: login(location="swedencentral"))
    places = {
        each["location"]
        for each in engine.registered
        if "location" in each.inputs and each["location"] != "global"
    }
    assert places == {"swedencentral"}


def test_rules_read_the_workspace_that_the_app_writes_to(engine: Engine) -> None:
    engine.deploy(login)
    setting = engine.one("azure-native:monitor:DiagnosticSetting")
    rules = engine.all(RULE)
    assert rules
    assert all(rule["scopes"] == [setting["workspaceId"]] for rule in rules)


def test_a_daily_cap_brings_the_rule_that_tells_when_it_is_reached(engine: Engine) -> None:
    engine.deploy(lambda: login(daily_cap_gb=1))
    rule = next(each for each in engine.all(RULE) if each.name.endswith("-log_store_full"))
    assert rule["actions"]["actionGroups"] == [
        f"/subscriptions/{'0' * 8}-0000-0000-0000-{'0' * 12}/ActionGroup/login-alerts-urgent"
    ]


def test_without_a_cap_there_is_no_rule_that_waits_for_it(engine: Engine) -> None:
    engine.deploy(login)
    assert not [each for each in engine.all(RULE) if each.name.endswith("-log_store_full")]
    assert engine.all(RULE)


def test_the_activity_log_comes_last_and_brings_the_rule_that_reads_it(engine: Engine) -> None:
    engine.deploy(lambda: login(activity_log=True, detections=["all"]))
    export = engine.one("azure-native:monitor:SubscriptionDiagnosticSetting")
    assert engine.registered[-1].name == export.name, "its own deployment is no change"
    assert (
        export["workspaceId"] == engine.one("azure-native:monitor:DiagnosticSetting")["workspaceId"]
    )
    assert any(each.name.endswith("-monitoring_changed") for each in engine.all(RULE))


def test_without_the_activity_log_no_rule_reads_it(engine: Engine) -> None:
    engine.deploy(lambda: login(detections=["all"]))
    assert not any(each.name.endswith("-monitoring_changed") for each in engine.all(RULE))
    assert engine.all(RULE)


def test_what_is_left_out_has_the_parts_own_defaults(engine: Engine) -> None:
    engine.deploy(login)
    assert engine.one(WORKSPACE)["retentionInDays"] == 30
    assert engine.one("azure-native:web:AppServicePlan")["sku"]["name"] == "B1"


def test_the_log_store_can_be_protected(engine: Engine) -> None:
    engine.deploy(lambda: login(protect_log_store=True))
    assert [each.name for each in engine.registered if each.protect] == ["login-logs-workspace"]


def test_every_child_belongs_to_its_component_and_is_named_after_it(engine: Engine) -> None:
    engine.deploy(login)
    for each in engine.registered:
        if each.name != "login":
            assert each.parent, f"{each.name} has no parent"
            # A component that is another one with values of its own hands its name on.
            handed_on = each.name == each.parent and each.type.startswith("login-monitor:")
            assert handed_on or each.name.startswith(f"{each.parent}-"), each.name
    assert len(engine.registered) > 20


def test_tags_reach_everything_that_takes_tags(engine: Engine) -> None:
    engine.deploy(lambda: login(tags={"team": "soc"}, daily_cap_gb=1))
    without = {
        each.type
        for each in engine.registered
        if each.type.startswith("azure-native:")
        and not (each.inputs.get("tags") or {}).items() >= {"team": "soc"}.items()
    }
    assert without == {
        "azure-native:monitor:DiagnosticSetting",
        "azure-native:operationalinsights:SavedSearch",
        "azure-native:web:WebAppFtpAllowed",
        "azure-native:web:WebAppScmAllowed",
    }


def test_the_links_lead_into_the_portal(engine: Engine) -> None:
    told: list[str] = []

    def program() -> object:
        made = login()
        return made.logs_link.apply(told.append), made.alerts_link.apply(told.append)

    engine.deploy(program)
    assert sorted(link.rpartition("/")[2] for link in told) == ["alerts", "logs"]
    assert all(link.startswith("https://portal.azure.com/#resource/") for link in told)
