"""Inputs against the SDK's own types: what is refused, and in which words."""

import copy
from typing import Any

import pytest

from components.limits.refusal import Refusal
from lab.azure import TYPES
from lab.azure.core import schema
from lab.azure.core.resource_error import plain_token

RULE = "azure-native:monitor:ScheduledQueryRule"
METRIC_ALERT = "azure-native:monitor:MetricAlert"
ACTION_GROUP = "azure-native:monitor:ActionGroup"
SINGLE = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
MULTIPLE = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"


def a_rule(**changes: Any) -> dict[str, Any]:
    return {
        "resourceGroupName": "group",
        "scopes": ["/subscriptions/x"],
        "severity": 2.0,
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "enabled": True,
        "tags": {"team": "soc"},
        "criteria": {"allOf": [a_condition()]},
        **changes,
    }


def a_condition(**changes: Any) -> dict[str, Any]:
    return {
        "query": "AppServiceConsoleLogs",
        "operator": "GreaterThan",
        "threshold": 5.0,
        "timeAggregation": "Count",
        "dimensions": [{"name": "SrcIpAddr", "operator": "Include", "values": ["*"]}],
        **changes,
    }


def a_metric_alert(criteria: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceGroupName": "group",
        "location": "global",
        "enabled": True,
        "evaluationFrequency": "PT1M",
        "windowSize": "PT5M",
        "severity": 2,
        "scopes": ["/subscriptions/x"],
        "criteria": criteria,
    }


def a_static_criterion(**changes: Any) -> dict[str, Any]:
    return {
        "criterionType": "StaticThresholdCriterion",
        "name": "errors",
        "metricName": "Http5xx",
        "operator": "GreaterThan",
        "threshold": 5,
        "timeAggregation": "Total",
        **changes,
    }


def problems(token: str, inputs: dict[str, Any]) -> list[Refusal]:
    """As the stand-in asks: with the values in which Azure and the SDK differ."""
    return schema.check(token, inputs, TYPES[plain_token(token)].allowed_values)


def only(problems: list[Refusal]) -> str:
    assert len(problems) == 1, problems
    return str(problems[0])


def test_a_sound_rule_is_accepted() -> None:
    assert problems(RULE, a_rule()) == []
    assert schema.check(RULE, a_rule(colour="red"))


def test_a_token_with_an_api_version_is_checked_too() -> None:
    token = "azure-native:monitor/v20230315preview:ScheduledQueryRule"
    assert only(problems(token, a_rule(enabled="yes"))) == (
        "enabled 'yes' is not accepted; expected true or false"
    )


def test_an_unknown_property_is_refused_with_the_nearest_one() -> None:
    assert only(problems(RULE, a_rule(serverity=2))) == (
        "serverity 2 is no property here; did you mean 'severity'?"
    )


def test_an_unknown_property_deep_inside_is_named_by_its_path() -> None:
    inputs = a_rule(criteria={"allOf": [a_condition(treshold=5)]})
    assert only(problems(RULE, inputs)).startswith("criteria.allOf[0].treshold 5 is no prop")


def test_a_python_name_inside_plain_data_is_refused_with_azures_name() -> None:
    inputs = a_rule(criteria={"all_of": [a_condition()]})
    assert "Azure's name is allOf" in only(problems(RULE, inputs))


def test_a_missing_property_is_named() -> None:
    inputs = a_rule()
    del inputs["resourceGroupName"]
    assert only(problems(RULE, inputs)) == "resourceGroupName is missing; expected a string"


def test_a_missing_property_of_an_object_in_a_list_is_named() -> None:
    receiver = {"name": "soc", "useCommonAlertSchema": True}
    inputs = {
        "resourceGroupName": "group",
        "groupShortName": "soc",
        "enabled": True,
        "emailReceivers": [receiver],
    }
    assert only(schema.check(ACTION_GROUP, inputs)) == (
        "emailReceivers[0].emailAddress is missing; expected a string"
    )


def test_null_counts_as_missing() -> None:
    assert "is missing" in only(problems(RULE, a_rule(resourceGroupName=None)))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"severity": "2"}, "severity '2'"),
        ({"severity": True}, "severity True"),
        ({"enabled": 1.0}, "enabled 1"),
        ({"scopes": "/subscriptions/x"}, "scopes '/subscriptions/x'"),
        ({"scopes": [5.0]}, "scopes[0] 5"),
        ({"tags": {"team": 7.0}}, "tags.team 7"),
        ({"criteria": []}, "criteria []"),
        ({"windowSize": 15.0}, "windowSize 15"),
    ],
)
def test_a_wrong_type_is_refused_at_its_place(changes: dict[str, Any], path: str) -> None:
    assert only(problems(RULE, a_rule(**changes))).startswith(f"{path} is not accepted")


def test_a_whole_number_may_arrive_as_a_float() -> None:
    token = "random:index/randomString:RandomString"
    assert schema.check(token, {"length": 8.0}) == []
    assert only(schema.check(token, {"length": 8.5})) == (
        "length 8.5 is not accepted; expected a whole number"
    )


@pytest.mark.parametrize("operator", ["GreaterThan", "LessThanOrEqual", "Equal"])
def test_an_operator_that_the_service_takes_is_accepted(operator: str) -> None:
    assert problems(RULE, a_rule(criteria={"allOf": [a_condition(operator=operator)]})) == []
    assert schema.check(RULE, a_rule(criteria={"allOf": [a_condition(operator=f"{operator}?")]}))


@pytest.mark.parametrize("operator", ["Equals", "gt", "eq", "greaterthan"])
def test_an_operator_that_only_some_type_file_lists_is_refused(operator: str) -> None:
    inputs = a_rule(criteria={"allOf": [a_condition(operator=operator)]})
    assert f"operator {operator!r} is not accepted" in only(problems(RULE, inputs))


def test_a_value_outside_its_enum_is_refused_with_the_nearest_one() -> None:
    inputs = a_rule(criteria={"allOf": [a_condition(timeAggregation="Counts")]})
    assert only(problems(RULE, inputs)).endswith("did you mean 'Count'?")


def test_metric_alerts_do_use_equals() -> None:
    criteria = {"odataType": SINGLE, "allOf": [a_static_criterion(operator="Equals")]}
    assert schema.check(METRIC_ALERT, a_metric_alert(criteria)) == []
    wrong = {"odataType": SINGLE, "allOf": [a_static_criterion(operator="Equal")]}
    assert schema.check(METRIC_ALERT, a_metric_alert(wrong))


def test_the_class_of_a_union_follows_from_its_discriminator() -> None:
    dynamic = a_static_criterion(criterionType="DynamicThresholdCriterion")
    inputs = a_metric_alert({"odataType": MULTIPLE, "allOf": [dynamic]})
    assert {problem.where.property for problem in schema.check(METRIC_ALERT, inputs)} == {
        "criteria.allOf[0].alertSensitivity",
        "criteria.allOf[0].failingPeriods",
        "criteria.allOf[0].threshold",
    }


def test_a_dynamic_criterion_needs_the_class_for_several_resources() -> None:
    dynamic = a_static_criterion(criterionType="DynamicThresholdCriterion")
    inputs = a_metric_alert({"odataType": SINGLE, "allOf": [dynamic]})
    assert only(schema.check(METRIC_ALERT, inputs)).endswith("expected 'StaticThresholdCriterion'")


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ({"allOf": [a_static_criterion()]}, "criteria.odataType is missing"),
        ({"odataType": "Single", "allOf": []}, "criteria.odataType 'Single' is not accepted"),
    ],
)
def test_a_union_without_a_known_discriminator_is_refused(
    criteria: dict[str, Any], words: str
) -> None:
    assert only(schema.check(METRIC_ALERT, a_metric_alert(criteria))).startswith(words)


def test_an_unknown_type_of_the_sdk_is_refused_with_the_nearest_one() -> None:
    problem = only(schema.check("azure-native:monitor:ScheduledQueryRules", {}))
    assert problem.endswith("did you mean 'ScheduledQueryRule'?")


def test_a_package_that_is_not_installed_is_not_judged() -> None:
    assert schema.check("aws:s3/bucket:Bucket", {"anything": 1}) == []
    assert schema.check(RULE, {"anything": 1})


def test_what_a_preview_cannot_know_fits_everywhere() -> None:
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert problems(RULE, a_rule(severity=unknown, criteria=unknown, kind=unknown)) == []
    assert schema.check(RULE, a_rule(severity="known", criteria=unknown, kind=unknown))


def test_checking_leaves_the_inputs_alone() -> None:
    inputs = a_rule()
    before = copy.deepcopy(inputs)
    problems(RULE, inputs)
    assert inputs == before
