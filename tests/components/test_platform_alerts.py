"""PlatformAlerts: what Azure gets for it, seen from outside."""

from typing import Any, cast

import pulumi
import pytest

from components import PlatformAlerts
from components.alerts.activity_log_alerts import ACTIVITY_LOG_ALERTS
from components.alerts.metric_alerts import METRIC_ALERTS
from components.platform_alerts import PlatformAlertsArgs
from tests.conftest import Engine, Registered

METRIC = "azure-native:monitor:MetricAlert"
ACTIVITY = "azure-native:monitor:ActivityLogAlert"
WEB_TEST = "azure-native:applicationinsights:WebTest"
PROCESSING = "azure-native:alertsmanagement:AlertProcessingRuleByName"
SMART_DETECTOR = "azure-native:alertsmanagement:SmartDetectorAlertRule"

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
APP = f"{GROUP}/providers/Microsoft.Web/sites/app"
PLAN = f"{GROUP}/providers/Microsoft.Web/serverfarms/plan"
DATABASE = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/db"
INSIGHTS = f"{GROUP}/providers/Microsoft.Insights/components/insights"


def alerts(**changes: Any) -> PlatformAlerts:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "urgent_action_group_id": "urgent",
        "routine_action_group_id": "routine",
        "app_id": APP,
        "plan_id": PLAN,
        "url": "https://app.azurewebsites.net",
        "insights_id": INSIGHTS,
        **changes,
    }
    given = {key: value for key, value in args.items() if value is not None}
    return PlatformAlerts("platform", cast(PlatformAlertsArgs, given))


def by_role(engine: Engine, type_: str) -> dict[str, Registered]:
    return {each.name.removeprefix("platform-"): each for each in engine.all(type_)}


def test_every_alert_of_the_table_becomes_a_rule_where_its_resource_is_given(
    engine: Engine,
) -> None:
    engine.deploy(lambda: alerts(database_id=DATABASE))
    assert by_role(engine, METRIC).keys() == {each.role for each in METRIC_ALERTS}
    assert by_role(engine, ACTIVITY).keys() == {each.role for each in ACTIVITY_LOG_ALERTS}


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({"plan_id": None}, "plan"),
        ({}, "database"),
        ({"availability_test": False}, "availability"),
    ],
)
def test_what_is_not_there_gets_no_rule(
    engine: Engine, changes: dict[str, Any], target: str
) -> None:
    rules = by_role(engine.deploy(lambda: alerts(**changes)), METRIC)
    assert not rules.keys() & {each.role for each in METRIC_ALERTS if each.target == target}
    assert rules, "the others are there"


def test_rules_are_global_although_the_resource_group_is_not(engine: Engine) -> None:
    engine.deploy(alerts)
    rules = [each for type_ in (METRIC, ACTIVITY, PROCESSING) for each in engine.all(type_)]
    assert {each["location"] for each in rules} == {"global"}


def test_each_rule_watches_the_resource_that_its_metric_is_of(engine: Engine) -> None:
    rules = by_role(engine.deploy(lambda: alerts(database_id=DATABASE)), METRIC)
    scopes = {each.role: rules[each.role]["scopes"] for each in METRIC_ALERTS}
    expected = {"app": [APP], "plan": [PLAN], "database": [DATABASE]}
    for each in METRIC_ALERTS:
        if each.target != "availability":
            assert scopes[each.role] == expected[each.target], each.role


def test_a_static_threshold_is_a_criterion_of_one_resource(engine: Engine) -> None:
    rule = by_role(engine.deploy(alerts), METRIC)["server-errors"]
    assert rule["criteria"]["odataType"].endswith("SingleResourceMultipleMetricCriteria")
    (criterion,) = rule["criteria"]["allOf"]
    assert criterion["criterionType"] == "StaticThresholdCriterion"
    assert criterion["metricNamespace"] == "Microsoft.Web/sites"
    assert (criterion["metricName"], criterion["timeAggregation"]) == ("Http5xx", "Total")
    assert (criterion["operator"], criterion["threshold"]) == ("GreaterThan", 10)


def test_a_dynamic_threshold_is_in_the_only_class_that_takes_one(engine: Engine) -> None:
    rules = by_role(engine.deploy(alerts), METRIC)
    dynamic = [each.role for each in METRIC_ALERTS if each.is_dynamic]
    assert len(dynamic) >= 2
    for role in dynamic:
        criteria = rules[role]["criteria"]
        assert criteria["odataType"].endswith("MultipleResourceMultipleMetricCriteria")
        (criterion,) = criteria["allOf"]
        assert criterion["criterionType"] == "DynamicThresholdCriterion"
        assert "threshold" not in criterion
        assert criterion["failingPeriods"] == {
            "numberOfEvaluationPeriods": 4,
            "minFailingPeriodsToAlert": 4,
        }


def test_severe_alerts_go_to_the_urgent_group_and_say_who_they_are(engine: Engine) -> None:
    rules = by_role(engine.deploy(alerts), METRIC)
    for role, rule in rules.items():
        (action,) = rule["actions"]
        assert action["actionGroupId"] == ("urgent" if rule["severity"] <= 1 else "routine"), role
        assert action["webHookProperties"] == {"alert": role}
    assert {rule["severity"] <= 1 for rule in rules.values()} == {True, False}


def test_the_availability_test_is_a_standard_test_of_the_health_page(engine: Engine) -> None:
    made = engine.deploy(lambda: alerts(tags={"team": "soc"}, health_text="login-monitor"))
    test = made.one(WEB_TEST)
    assert (test["kind"], test["webTestKind"]) == ("standard", "standard")
    assert test["request"]["requestUrl"] == "https://app.azurewebsites.net/health"
    assert len(test["locations"]) == 5
    assert all(set(each) == {"location"} for each in test["locations"])
    assert test["tags"] == {"team": "soc", f"hidden-link:{INSIGHTS}": "Resource"}
    assert test["location"] == "westeurope"
    assert test["frequency"] == 300
    assert test["retryEnabled"] is True
    assert test["validationRules"] == {
        "expectedHttpStatusCode": 200,
        "sSLCheck": True,
        "sSLCertRemainingLifetimeCheck": 14,
        "contentValidation": {
            "contentMatch": "login-monitor",
            "ignoreCase": False,
            "passIfTextFound": True,
        },
    }


def test_the_availability_alert_has_both_scopes_and_tolerates_two_places(engine: Engine) -> None:
    rule = by_role(engine.deploy(alerts), METRIC)["availability"]
    test = engine.one(WEB_TEST)
    criteria = rule["criteria"]
    assert criteria["odataType"].endswith("WebtestLocationAvailabilityCriteria")
    assert criteria["failedLocationCount"] == 3
    assert criteria["componentId"] == INSIGHTS
    assert rule["scopes"] == [criteria["webTestId"], INSIGHTS]
    assert criteria["webTestId"].endswith(test["webTestName"])


def test_the_health_page_of_another_app_can_be_watched(engine: Engine) -> None:
    engine.deploy(lambda: alerts(health_path="/healthz", health_text="fine"))
    test = engine.one(WEB_TEST)
    assert test["request"]["requestUrl"].endswith("/healthz")
    assert test["validationRules"]["contentValidation"]["contentMatch"] == "fine"


def test_any_good_answer_of_an_app_that_nobody_knows_will_do(engine: Engine) -> None:
    engine.deploy(alerts)
    rules = engine.one(WEB_TEST)["validationRules"]
    assert rules
    assert "contentValidation" not in rules


def test_changes_of_rules_in_another_group_than_the_app_ring_too(engine: Engine) -> None:
    other = f"{SUBSCRIPTION}/resourceGroups/rules"
    rules = by_role(engine.deploy(lambda: alerts(rules_group_id=other)), ACTIVITY)
    assert rules["alert-rules"]["scopes"] == [GROUP, other]
    assert rules["service-health"]["scopes"] == [SUBSCRIPTION]
    same = by_role(Engine("dev").deploy(lambda: alerts(rules_group_id=GROUP.upper())), ACTIVITY)
    assert len(same["alert-rules"]["scopes"]) == 1, "Azure takes a scope once"


def test_changes_ring_in_the_group_and_azures_own_outages_in_the_subscription(
    engine: Engine,
) -> None:
    rules = by_role(engine.deploy(alerts), ACTIVITY)
    scopes = {role: rule["scopes"] for role, rule in rules.items()}
    assert scopes.pop("service-health") == [SUBSCRIPTION]
    assert all(scope == [GROUP] for scope in scopes.values()), scopes


def test_a_whole_subscription_can_be_watched(engine: Engine) -> None:
    rules = by_role(engine.deploy(lambda: alerts(activity_scope=SUBSCRIPTION)), ACTIVITY)
    assert {each["scopes"][0] for each in rules.values()} == {SUBSCRIPTION}


def test_nobody_who_may_not_read_the_subscription_has_to(engine: Engine) -> None:
    rules = by_role(engine.deploy(lambda: alerts(service_health=False)), ACTIVITY)
    assert "service-health" not in rules
    assert len(rules) == len(ACTIVITY_LOG_ALERTS) - 1


def test_each_activity_rule_has_one_category_and_rings_when_a_change_is_done(
    engine: Engine,
) -> None:
    for role, rule in by_role(engine.deploy(alerts), ACTIVITY).items():
        all_of = rule["condition"]["allOf"]
        categories = [each["equals"] for each in all_of if each.get("field") == "category"]
        assert len(categories) == 1, role
        if categories == ["Administrative"]:
            assert {"field": "status", "equals": "Succeeded"} in all_of, role
            (operations,) = [each["anyOf"] for each in all_of if "anyOf" in each]
            assert {leaf["field"] for leaf in operations} == {"operationName"}
    assert engine.all(ACTIVITY)


def test_azures_own_failure_anomalies_are_led_to_our_people_and_not_made_twice(
    engine: Engine,
) -> None:
    rule = engine.deploy(alerts).one(PROCESSING)["properties"]
    assert rule["scopes"] == [INSIGHTS]
    assert rule["conditions"] == [
        {"field": "MonitorService", "operator": "Equals", "values": ["Smart Detector"]}
    ]
    assert rule["actions"] == [{"actionType": "AddActionGroups", "actionGroupIds": ["routine"]}]
    assert not engine.all(SMART_DETECTOR)


def test_a_stack_sets_its_own_threshold_severity_and_switch(engine: Engine) -> None:
    overrides = {
        "server-errors": {"threshold": 3.0, "severity": 2.0},
        "unusual-requests": {"sensitivity": "Low", "enabled": False},
        "availability": {"threshold": 4.0},
    }
    rules = by_role(engine.deploy(lambda: alerts(metric_overrides=overrides)), METRIC)
    rule = rules["server-errors"]
    assert rule["criteria"]["allOf"][0]["threshold"] == 3
    assert rule["severity"] == 2
    assert rule["actions"][0]["actionGroupId"] == "routine", "no longer urgent"
    assert rules["unusual-requests"]["enabled"] is False
    assert rules["unusual-requests"]["criteria"]["allOf"][0]["alertSensitivity"] == "Low"
    assert rules["availability"]["criteria"]["failedLocationCount"] == 4


def test_a_wrong_override_is_refused_before_anything_is_created(engine: Engine) -> None:
    def program() -> None:
        with pytest.raises(pulumi.InputPropertyError) as refused:
            alerts(metric_overrides={"server-error": {"threshold": 1}})
        assert refused.value.property_path == "metric_overrides"
        assert "did you mean 'server-errors'?" in refused.value.reason

    engine.deploy(program)
    assert [each.type for each in engine.registered] == ["login-monitor:index:PlatformAlerts"]


def test_tags_reach_every_child_that_takes_tags(engine: Engine) -> None:
    engine.deploy(lambda: alerts(tags={"team": "soc"}))
    made = [each for each in engine.registered if each.type.startswith("azure-native:")]
    assert made
    assert all(each["tags"]["team"] == "soc" for each in made)
    assert {each.parent for each in made} == {"platform"}


def test_an_app_of_somebody_else_needs_no_insights(engine: Engine) -> None:
    engine.deploy(lambda: alerts(url=None, insights_id=None, availability_test=False))
    kinds = {each.type.rpartition(":")[2] for each in engine.registered}
    assert "MetricAlert" in kinds
    assert kinds.isdisjoint({"WebTest", "AlertProcessingRuleByName"})


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"url": None}, "is missing; expected with an availability test"),
        ({"insights_id": None}, "is missing; expected with an availability test"),
        ({"app_id": PLAN}, "names a resource of Microsoft.Web/serverfarms; expected"),
    ],
)
def test_what_cannot_be_watched_is_refused(
    engine: Engine, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(pulumi.InputPropertyError) as refused:
        engine.deploy(lambda: alerts(**changes))
    assert refusal in refused.value.reason
    assert not engine.all(METRIC)
