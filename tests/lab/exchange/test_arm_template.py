"""The ARM template says what the program deploys."""

import inspect
import json
from typing import Any

import pytest
from pulumi_azure_native import monitor

from components.content import detection
from components.content.deployed_rule import deployed
from components.detection_set import custom_properties, email_subject, rule_arguments
from components.limits.refusal import RefusedError
from lab.azure.core.resource import Resource
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.exchange import arm_template


@pytest.fixture(scope="module")
def template() -> Any:
    return json.loads(arm_template.text(arm_template.deployed_rules("local", [])))


def test_every_rule_is_what_the_detection_set_asks_for(template: Any) -> None:
    known = detection.load_all()
    assert len(template["resources"]) > 20
    for resource in template["resources"]:
        found = known[resource["name"]]
        arguments = rule_arguments(found, None)
        properties = resource["properties"]
        assert properties["displayName"] == arguments["display_name"]
        assert properties["autoMitigate"] == arguments["auto_mitigate"]
        assert properties["criteria"]["allOf"][0]["query"] == deployed(found).query
        assert properties["actions"]["customProperties"] == custom_properties(found)
        assert properties["actions"]["actionProperties"]["Email.Subject"] == email_subject(found)
        if found.threshold is not None:
            rule = AlertRule.from_arm(properties)
            assert rule.threshold == found.threshold
            assert [each.name for each in rule.dimensions] == list(found.dimensions)


def test_where_it_lies_and_whom_it_tells_are_parameters(template: Any) -> None:
    assert set(template["parameters"]) == {"workspaceId", "actionGroupId", "location"}
    for resource in template["resources"]:
        assert resource["location"] == "[parameters('location')]"
        assert resource["properties"]["scopes"] == ["[parameters('workspaceId')]"]
        assert resource["properties"]["actions"]["actionGroups"] == [
            "[parameters('actionGroupId')]"
        ]


def test_nothing_of_the_stand_in_is_left(template: Any) -> None:
    text = json.dumps(template)
    assert "/subscriptions/" not in text
    assert "127.0.0.1" not in text


def test_resources_have_arms_own_keys_and_numbers(template: Any) -> None:
    for resource in template["resources"]:
        assert set(resource) == {"type", "apiVersion", "name", "location", "kind", "properties"}
        assert isinstance(resource["properties"]["severity"], int)
    assert len(template["resources"]) > 10


def test_the_api_version_is_that_of_the_sdk() -> None:
    documented = inspect.getsource(monitor.ScheduledQueryRule)
    assert f"REST API version {arm_template.api_version()}." in documented


@pytest.mark.parametrize(
    ("text", "expected"),
    [("[a]", "[[a]"), ("[Sev1] a name", "[Sev1] a name"), ("no [brackets]", "no [brackets]")],
)
def test_a_text_in_brackets_is_no_expression(text: str, expected: str) -> None:
    rule = Resource(
        token=arm_template.LOG_RULE,
        logical_name="r",
        urn="",
        id="",
        name="r",
        inputs={
            "kind": "LogAlert",
            "description": text,
            "actions": {"customProperties": {"detection": "r"}},
        },
    )
    (resource,) = json.loads(arm_template.text([rule]))["resources"]
    assert resource["properties"]["description"] == expected


def test_a_detection_without_its_table_is_refused_by_name() -> None:
    with pytest.raises(RefusedError, match="log_store_full reads .* expected a daily cap"):
        arm_template.deployed_rules("dev", ["log_store_full"])
