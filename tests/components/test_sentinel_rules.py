"""SentinelRules: what Azure gets for it, seen from outside."""

from dataclasses import replace
from typing import Any, cast

import pulumi
import pytest

from components import SentinelRules, sentinel_rules
from components.content import analytics_rule, detection
from components.detection_set import chosen_detections
from components.sentinel_rules import SentinelRulesArgs
from tests.conftest import Engine

ONBOARDING = "azure-native:securityinsights:SentinelOnboardingState"
RULE = "azure-native:securityinsights:ScheduledAlertRule"
SAVED_SEARCH = "azure-native:operationalinsights:SavedSearch"


def sentinel(**changes: Any) -> SentinelRules:
    args = {"resource_group_name": "rg", "workspace_name": "logs", **changes}
    return SentinelRules("sentinel", cast(SentinelRulesArgs, args))


def test_sentinel_is_switched_on_before_any_rule(engine: Engine) -> None:
    engine.deploy(lambda: sentinel(detections=["password_spray"]))
    assert engine.one(ONBOARDING)["sentinelOnboardingStateName"] == "default"
    assert "sentinel-onboarding" in engine.one(RULE).dependencies


def test_a_workspace_that_has_sentinel_keeps_it(engine: Engine) -> None:
    engine.deploy(lambda: sentinel(onboard=False, detections=["password_spray"]))
    assert not engine.all(ONBOARDING)
    assert engine.one(RULE).dependencies == ()


def test_the_essential_detections_become_rules_by_default(engine: Engine) -> None:
    engine.deploy(sentinel)
    expected = {each.name for each in chosen_detections(["essential"], {}, None)}
    assert {each["displayName"] for each in engine.all(RULE)} == expected


def test_a_rule_says_to_azure_what_the_analytics_rule_says(engine: Engine) -> None:
    rule = engine.deploy(lambda: sentinel(detections=["password_spray"])).one(RULE)
    wanted = analytics_rule.from_detection(detection.load("password_spray"))
    assert rule["kind"] == "Scheduled"
    assert rule["query"] == wanted.query
    assert (rule["queryFrequency"], rule["queryPeriod"]) == ("PT5M", "PT1H")
    assert (rule["triggerOperator"], rule["triggerThreshold"]) == ("GreaterThan", 0)
    assert rule["severity"] == "Medium"
    assert rule["entityMappings"] == [
        {
            "entityType": "IP",
            "fieldMappings": [{"identifier": "Address", "columnName": "SrcIpAddr"}],
        }
    ]
    assert rule["customDetails"] == {"Measured": "Measured"}
    assert rule["eventGroupingSettings"] == {"aggregationKind": "AlertPerResult"}
    assert rule["alertDetailsOverride"]["alertDisplayNameFormat"].endswith("{{SrcIpAddr}}")
    incidents = rule["incidentConfiguration"]
    assert incidents["createIncident"] is True
    assert incidents["groupingConfiguration"] == {
        "enabled": True,
        "reopenClosedIncident": False,
        "lookbackDuration": "PT5H",
        "matchingMethod": "AllEntities",
    }
    assert rule["suppressionEnabled"] is False
    assert "ruleId" not in rule.inputs, "a random one never meets a deleted one"


def test_a_long_query_is_saved_first_and_called(engine: Engine) -> None:
    engine.deploy(lambda: sentinel(detections=["script_injection_probe"]))
    saved, rule = engine.one(SAVED_SEARCH), engine.one(RULE)
    assert saved["functionAlias"] == "ScriptInjectionProbe"
    assert rule["query"].startswith("ScriptInjectionProbe\n")
    assert saved.name in rule.dependencies
    assert saved.replace_on_changes == ("*",)
    assert saved.delete_before_replace


def test_a_stack_s_own_values_count(engine: Engine) -> None:
    overrides = {"password_spray": {"threshold": 3.0, "severity": 1.0, "enabled": False}}
    rule = engine.deploy(
        lambda: sentinel(detections=["password_spray"], detection_overrides=overrides)
    ).one(RULE)
    assert rule["query"].endswith("| where Measured >= 3")
    assert rule["severity"] == "High"
    assert rule["enabled"] is False


def test_an_unknown_detection_is_refused_before_anything_is_made(engine: Engine) -> None:
    def program() -> None:
        with pytest.raises(pulumi.InputPropertyError) as refused:
            sentinel(detections=["pasword_spray"])
        assert refused.value.property_path == "detections"
        assert "'password_spray'" in refused.value.reason

    engine.deploy(program)
    assert not engine.all(RULE)
    assert not engine.all(ONBOARDING)


def two_periods(slug: str) -> detection.Detection:
    return replace(detection.load(slug), failing_periods=2, min_failing_periods=2)


def test_what_sentinel_cannot_do_is_left_out_of_a_set_and_refused_by_name(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: warned.append(text))
    known = [two_periods("password_spray"), detection.load("client_error_burst")]
    monkeypatch.setattr(sentinel_rules, "chosen_detections", lambda *_: known)

    def program() -> None:
        sentinel(detections=["all"])
        with pytest.raises(pulumi.InputPropertyError, match="failing_periods 2"):
            sentinel(detections=["password_spray", "client_error_burst"])

    engine.deploy(program)
    assert [each["displayName"] for each in engine.all(RULE)] == ["Client error burst"]
    assert len(warned) == 1
    assert warned[0].startswith("password_spray.failing_periods 2")
    assert warned[0].endswith("; left out of Sentinel")


def test_the_ids_of_the_rules_are_known_by_slug(engine: Engine) -> None:
    ids: dict[str, str] = {}
    engine.deploy(
        lambda: sentinel(detections=["password_spray"]).rule_ids.apply(ids.update) and None
    )
    assert ids.keys() == {"password_spray"}


def test_two_stacks_in_one_workspace_look_at_their_own_apps(engine: Engine) -> None:
    mine = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/mine"
    slugs = ["password_spray", "script_injection_probe"]
    engine.deploy(lambda: sentinel(detections=slugs, app_ids=[mine]))
    asked = {each["displayName"]: each["query"] for each in engine.all(RULE)}
    (function,) = engine.all(SAVED_SEARCH)
    spray = asked[detection.load("password_spray").name]
    assert f'_ResourceId in~ ("{mine}")' in spray
    assert f'_ResourceId in~ ("{mine}")' in function["query"]
    assert "ScriptInjectionProbe" in asked[detection.load("script_injection_probe").name]


def test_room_is_kept_for_ids_that_nobody_knows_yet(engine: Engine) -> None:
    sites = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites"
    many = [f"{sites}/{number}" for number in range(40)]
    engine.deploy(lambda: sentinel(detections=["password_spray"], app_ids=many))
    assert len(engine.one(RULE)["query"]) <= 10_000
    assert many[-1] in engine.one(SAVED_SEARCH)["query"]
