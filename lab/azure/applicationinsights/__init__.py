"""Microsoft.Insights: Application Insights components, and their availability tests."""

import uuid
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from components.limits import availability_test
from components.limits.refusal import ABSENT, Refusal, nearest
from lab.azure.applicationinsights.availability import Availability
from lab.azure.core.billing import Free, Metered
from lab.azure.core.location import plain_location
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath


class Component(ResourceType):
    """Workspace-based Application Insights: keys and limits; no telemetry arrives in it."""

    pulumi_type = "azure-native:applicationinsights:Component"
    path = ArmPath("Microsoft.Insights/components", ("resourceName",))
    name_rule = NameRule(
        1, 260, r"[^%&\\?/]*[^%&\\?/ .]", r"none of %&\?/, no dot or space at the end"
    )
    billing = Free("brings rows that are in the log store's price")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Classic components ended in February 2024: rows go to a workspace."""
        mode = inputs.get("ingestionMode") or "LogAnalytics"
        if mode != "LogAnalytics":
            return [refused("ingestionMode", mode, "expected LogAnalytics: classic has ended")]
        workspace = inputs.get("workspaceResourceId")
        if workspace is None:
            expectation = "expected the id of a Log Analytics workspace"
            return [refused("workspaceResourceId", ABSENT, expectation, "is missing")]
        if workspace.lower() not in self.azure.workspaces:
            expectation = "expected the id of a Log Analytics workspace that exists"
            return [refused("workspaceResourceId", workspace, expectation)]
        return []

    def create(self, resource: Resource) -> None:
        self.update(resource)

    def update(self, resource: Resource) -> None:
        """Keys are made from the resource's id, so that a run can be repeated."""
        key, app = (self._guid(part, resource.id) for part in ("key", "app"))
        region = plain_location(str(resource.outputs.get("location", "")))
        resource.outputs |= {
            "instrumentationKey": key,
            "appId": app,
            "applicationId": resource.name,
            "connectionString": f"InstrumentationKey={key};"
            f"IngestionEndpoint=https://{region}-1.in.applicationinsights.azure.com/;"
            f"LiveEndpoint=https://{region}.livediagnostics.monitor.azure.com/;"
            f"ApplicationId={app}",
        }

    def _guid(self, *parts: str) -> str:
        return str(uuid.UUID(self.azure.resources.digest(*parts)[:32]))


class WebTest(ResourceType):
    """A standard test: its places really ask for the page; certificates are not looked at."""

    pulumi_type = "azure-native:applicationinsights:WebTest"
    path = ArmPath("Microsoft.Insights/webtests", ("webTestName",))
    billing = Metered(("web_test_execution",))

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Application Insights availability tests"; bicep-types-az, webtests."""
        return [
            *_kind_problems(inputs),
            *_place_problems(inputs),
            *_request_problems(inputs),
            *_rule_problems(inputs),
            *self._component_problems(inputs),
        ]

    def create(self, resource: Resource) -> None:
        if self.azure.run_apps and resource.inputs.get("enabled") is not False:
            self.azure.service(Availability).start(resource)

    def delete(self, resource: Resource) -> None:
        self.azure.service(Availability).stop(resource.id)

    def _component_problems(self, inputs: Mapping[str, Any]) -> list[Refusal]:
        links = [
            key.removeprefix(availability_test.HIDDEN_LINK)
            for key, value in (inputs.get("tags") or {}).items()
            if key.startswith(availability_test.HIDDEN_LINK) and value == "Resource"
        ]
        if len(links) != 1:
            expectation = "expected the tag hidden-link:<id of the component> = Resource, once"
            return [refused("tags", sorted(inputs.get("tags") or ()), expectation)]
        component = self.azure.resources.find(links[0])
        if component is None or component.token != Component.pulumi_type:
            expectation = "expected an Application Insights component that exists"
            return [refused(f"tags.{availability_test.HIDDEN_LINK}", links[0], expectation)]
        found = []
        there, here = component.outputs.get("location"), inputs.get("location")
        if here and there and plain_location(here) != plain_location(there):
            found.append(refused("location", here, f"expected {there}, where its component is"))
        if len(self.azure.resources.list(self.pulumi_type)) > availability_test.MAX_TESTS:
            expectation = f"expected at most {availability_test.MAX_TESTS} tests of one component"
            found.append(refused("", ABSENT, expectation, "is one too many"))
        return found


def _kind_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    return [
        refused(key, inputs.get(key, ABSENT), "expected standard: ping tests ended in 2026")
        for key in ("kind", "webTestKind")
        if inputs.get(key) != "standard"
    ]


def _place_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    places = [each.get("location") for each in inputs["locations"]]
    found = []
    most = availability_test.MAX_LOCATIONS
    if not 1 <= len(places) <= most or len(set(places)) < len(places):
        found.append(refused("locations", places, f"expected 1 to {most} places, each once"))
    for number, place in enumerate(places):
        if place not in availability_test.PLACES:
            found.append(
                refused(
                    f"locations[{number}].location",
                    place,
                    nearest(str(place), availability_test.PLACES),
                )
            )
    frequency = inputs.get("frequency")
    if frequency is not None and frequency not in availability_test.FREQUENCIES:
        found.append(refused("frequency", frequency, "expected 300, 600 or 900 seconds"))
    return found


def _request_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    request = inputs.get("request") or {}
    found = []
    url = request.get("requestUrl")
    parts = urlsplit(str(url or ""))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        value = ABSENT if url is None else url
        problem = "is missing" if url is None else "is not accepted"
        expectation = "expected an http or https address"
        found.append(refused("request.requestUrl", value, expectation, problem))
    for number, header in enumerate(request.get("headers") or ()):
        name = str(header.get("headerFieldName") or "")
        if name.lower() in ("host", "user-agent"):
            place = f"request.headers[{number}].headerFieldName"
            found.append(refused(place, name, "expected neither Host nor User-Agent"))
    return found


def _rule_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    rules = inputs.get("validationRules") or {}
    found = []
    content = rules.get("contentValidation")
    if content is not None and not content.get("contentMatch"):
        place = "validationRules.contentValidation.contentMatch"
        found.append(refused(place, content.get("contentMatch"), "expected a text, or no check"))
    days = rules.get("sSLCertRemainingLifetimeCheck")
    if days is not None and not (1 <= days <= 365 and rules.get("sSLCheck")):
        expectation = "expected 1 to 365, together with sSLCheck true"
        found.append(refused("validationRules.sSLCertRemainingLifetimeCheck", days, expectation))
    url = str((inputs.get("request") or {}).get("requestUrl") or "")
    if rules.get("sSLCheck") and urlsplit(url).scheme == "http":
        found.append(refused("validationRules.sSLCheck", True, "expected false for http"))
    return found


TYPES: Final[list[type[ResourceType]]] = [Component, WebTest]
