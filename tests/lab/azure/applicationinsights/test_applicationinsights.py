"""Application Insights: what Azure refuses of components and availability tests."""

from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.pulumi_value import UNKNOWN
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from tests.support.platform_rules import COMPONENT, WEB_TEST, a_component, a_web_test

NAME = "validationRules"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workspaceResourceId": None}, ["workspaceResourceId is missing", "Log Analytics"]),
        ({"workspaceResourceId": "/gone"}, ["workspaceResourceId '/gone'", "that exists"]),
        ({"ingestionMode": "ApplicationInsights"}, ["ingestionMode", "expected LogAnalytics"]),
        ({"kind": None}, ["kind is missing"]),
        ({"location": "global"}, ["location 'global'", "expected a region"]),
    ],
)
def test_a_component_that_azure_refuses_is_refused(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ResourceError) as caught:
        a_component(azure, group, **changes)
    message = str(caught.value)
    assert message.startswith("applicationinsights:Component insights: ")
    assert all(word in message for word in words), message
    assert not azure.resources.list(COMPONENT)


def test_a_component_has_a_connection_string_that_stays_the_same(
    azure: Azure, group: Resource
) -> None:
    component = a_component(azure, group)
    text = component.outputs["connectionString"]
    assert text.startswith(f"InstrumentationKey={component.outputs['instrumentationKey']};")
    assert "https://westeurope-1.in.applicationinsights.azure.com/" in text
    azure.resources.update(component.id, {**component.inputs, "disableIpMasking": True})
    assert component.outputs["connectionString"] == text


def rules(**changes: Any) -> dict[str, Any]:
    return {NAME: {"expectedHttpStatusCode": 200.0, **changes}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "ping"}, ["kind 'ping'", "expected standard"]),
        ({"webTestKind": None}, ["webTestKind", "expected standard"]),
        ({"tags": {}}, ["tags []", "hidden-link:<id of the component> = Resource"]),
        ({"tags": {"hidden-link:/gone": "Resource"}}, ["'/gone'", "component that exists"]),
        ({"location": "northeurope"}, ["location 'northeurope'", "westeurope, where its"]),
        ({"frequency": 60.0}, ["frequency 60", "300, 600 or 900"]),
        ({"locations": []}, ["locations []", "1 to 16 places"]),
        ({"locations": [{"location": "us-va-ash-azr"}] * 2}, ["locations", "each once"]),
        ({"locations": [{"location": "us-va-ash"}]}, ["locations[0].location", "'us-va-ash-azr'?"]),
        ({"request": {}}, ["request.requestUrl is missing"]),
        ({"request": {"requestUrl": "shop/health"}}, ["request.requestUrl 'shop/health'"]),
        (
            {
                "request": {
                    "requestUrl": "https://shop.example.com",
                    "headers": [{"headerFieldName": "Host", "headerFieldValue": "x"}],
                }
            },
            ["request.headers[0].headerFieldName 'Host'", "neither Host nor User-Agent"],
        ),
        (rules(contentValidation={"contentMatch": ""}), ["contentMatch ''", "or no check"]),
        (rules(sSLCertRemainingLifetimeCheck=14.0), ["Check 14", "with sSLCheck true"]),
        (rules(sSLCheck=True, sSLCertRemainingLifetimeCheck=366.0), ["Check 366", "1 to 365"]),
        (
            {**rules(sSLCheck=True), "request": {"requestUrl": "http://shop.example.com"}},
            ["validationRules.sSLCheck", "false for http"],
        ),
    ],
)
def test_a_test_that_azure_refuses_is_refused_with_property_value_and_expectation(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    component = a_component(azure, group)
    with pytest.raises(ResourceError) as caught:
        a_web_test(azure, group, component, **changes)
    message = str(caught.value)
    assert message.startswith("applicationinsights:WebTest health: ")
    assert all(word in message for word in words), message
    assert not azure.resources.list(WEB_TEST)


def test_a_region_may_be_spelled_either_way(azure: Azure, group: Resource) -> None:
    component = a_component(azure, group)
    assert a_web_test(azure, group, component, location="West Europe").id.endswith("/health")


def test_in_a_preview_an_address_that_is_not_known_yet_is_not_refused(azure: Azure) -> None:
    given = {
        "resourceGroupName": UNKNOWN,
        "syntheticMonitorId": "health",
        "kind": "standard",
        "webTestKind": "standard",
        "locations": [{"location": "us-va-ash-azr"}],
        "tags": UNKNOWN,
        "request": {"requestUrl": UNKNOWN},
        **rules(sSLCheck=True),
    }
    assert azure.resources.check(WEB_TEST, given) == []
    tagged = {**given, "tags": {"hidden-link:/gone": "Resource"}}
    wrong = [each.where.property for each in azure.resources.check(WEB_TEST, tagged)]
    assert wrong == ["tags.hidden-link:"], "what is known already is checked already"
