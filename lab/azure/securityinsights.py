"""Microsoft.SecurityInsights: Sentinel on a workspace and its analytics rules, kept but not run."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from components.limits import analytics_rule as limits
from components.limits.alert_rule import duration
from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free, Metered
from lab.azure.core.name_rule import DEFAULT_NAME
from lab.azure.core.resource import RecordedType, Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.core.resource_id import WorkspacePath

_INTERVALS: Final = (limits.SHORTEST_INTERVAL, limits.LONGEST_INTERVAL)
_SUPPRESSIONS: Final = (limits.SHORTEST_INTERVAL, limits.LONGEST_SUPPRESSION)
_TECHNIQUE: Final = re.compile(r"T\d{4}")
# "Microsoft Sentinel entity types reference", of the types that a login monitor names.
_IDENTIFIERS: Final = {
    "Account": (
        *("Name", "FullName", "NTDomain", "DnsDomain", "UPNSuffix", "Sid", "AadTenantId"),
        *("AadUserId", "PUID", "IsDomainJoined", "DisplayName", "ObjectGuid"),
    ),
    "AzureResource": ("ResourceId",),
    "Host": (
        *("DnsDomain", "NTDomain", "HostName", "FullName", "NetBiosName", "AzureID"),
        *("OMSAgentID", "OSFamily", "OSVersion", "IsDomainJoined"),
    ),
    "IP": ("Address", "AddressScope"),
    "URL": ("Url",),
}


class SentinelOnboardingState(ResourceType):
    """Sentinel is on in a workspace; recorded, nothing is analysed by it here."""

    pulumi_type = "azure-native:securityinsights:SentinelOnboardingState"
    path = WorkspacePath(
        "Microsoft.SecurityInsights/onboardingStates",
        ("workspaceName", "sentinelOnboardingStateName"),
    )
    name_rule = DEFAULT_NAME
    billing = Metered(("sentinel_ingestion",))


class ScheduledAlertRule(ResourceType):
    """An analytics rule of Sentinel within its limits; recorded, the lab does not run it."""

    pulumi_type = "azure-native:securityinsights:ScheduledAlertRule"
    path = WorkspacePath("Microsoft.SecurityInsights/alertRules", ("workspaceName", "ruleId"))
    billing = Free("is in Sentinel's price")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """The query itself is not compiled; what it reads may not be there yet."""
        return [
            *_query_problems(inputs),
            *_time_problems(inputs),
            *_entity_problems(inputs),
            *_detail_problems(inputs),
            *_technique_problems(inputs),
            *_grouping_problems(inputs),
        ]

    def create(self, resource: Resource) -> None:
        """A rule needs Sentinel in its workspace and a display name of its own there."""
        self._refuse(resource, self._place_problems(resource))

    def update(self, resource: Resource) -> None:
        self._refuse(resource, self._place_problems(resource))

    def _place_problems(self, resource: Resource) -> list[Refusal]:
        workspace = resource.inputs["workspaceName"]
        here = _folder(resource)
        states = self.azure.resources.list(SentinelOnboardingState.pulumi_type)
        if not any(_folder(each) == here for each in states):
            expectation = "expected a SentinelOnboardingState there first"
            return [refused("workspaceName", workspace, expectation, "has no Sentinel")]
        rules = [
            each for each in self.azure.resources.list(self.pulumi_type) if _folder(each) == here
        ]
        if len(rules) > limits.MOST_RULES:
            expectation = f"expected at most {limits.MOST_RULES} scheduled rules in a workspace"
            return [refused("workspaceName", workspace, expectation, "is full")]
        name = resource.inputs["displayName"]
        if any(each is not resource and each.inputs["displayName"] == name for each in rules):
            return [refused("displayName", name, "expected a name of its own", "is taken")]
        return []

    def _refuse(self, resource: Resource, problems: list[Refusal]) -> None:
        if problems:
            raise ResourceError(self.pulumi_type, resource.logical_name, problems, resource.secrets)


class Watchlist(RecordedType):
    """A list that queries look things up in."""

    pulumi_type = "azure-native:securityinsights:Watchlist"
    path = WorkspacePath(
        "Microsoft.SecurityInsights/watchlists", ("workspaceName", "watchlistAlias")
    )
    billing = Free("is in Sentinel's price")


def _folder(resource: Resource) -> str:
    return resource.id.lower().rpartition("/providers/")[0]


def _query_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    query = str(inputs["query"])
    found = []
    if inputs["kind"] != "Scheduled":
        found.append(refused("kind", inputs["kind"], "expected Scheduled"))
    if not 1 <= len(query) <= limits.LONGEST_QUERY:
        expectation = (
            f"expected 1 to {limits.LONGEST_QUERY} characters; a function can hold the rest"
        )
        found.append(refused("query", query, expectation, f"has {len(query)} characters"))
    found += [
        refused("query", query, f"expected a query without {words!r}")
        for words in ("search *", "union *")
        if words in query
    ]
    if inputs["triggerThreshold"] < 0:
        found.append(refused("triggerThreshold", inputs["triggerThreshold"], "expected 0 or more"))
    return found


def _time_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    found = []
    for name, (shortest, longest) in (
        ("queryFrequency", _INTERVALS),
        ("queryPeriod", _INTERVALS),
        ("suppressionDuration", _SUPPRESSIONS),
    ):
        span = _span(inputs[name])
        if span is None or not shortest <= span <= longest:
            words = "5 minutes to 14 days" if longest == _INTERVALS[1] else "5 minutes to 24 hours"
            found.append(refused(name, inputs[name], f"expected {words} in ISO 8601"))
    if found:
        return found
    frequency, period = duration(inputs["queryFrequency"]), duration(inputs["queryPeriod"])
    if frequency > period:
        expectation = f"expected at most queryPeriod ({inputs['queryPeriod']}): gaps would be left"
        found.append(refused("queryFrequency", inputs["queryFrequency"], expectation))
    if inputs["suppressionEnabled"] and frequency > duration(inputs["suppressionDuration"]):
        expectation = f"expected at least queryFrequency ({inputs['queryFrequency']})"
        found.append(refused("suppressionDuration", inputs["suppressionDuration"], expectation))
    return found


def _span(text: str) -> timedelta | None:
    try:
        return duration(text)
    except ValueError:
        return None


def _entity_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    mappings = inputs.get("entityMappings") or []
    found = []
    if len(mappings) > limits.MOST_ENTITY_MAPPINGS:
        expectation = f"expected at most {limits.MOST_ENTITY_MAPPINGS} mappings"
        found.append(refused("entityMappings", len(mappings), expectation, "are too many"))
    for number, mapping in enumerate(mappings):
        fields = mapping.get("fieldMappings") or []
        where = f"entityMappings[{number}].fieldMappings"
        if not 1 <= len(fields) <= limits.MOST_IDENTIFIERS:
            expectation = f"expected 1 to {limits.MOST_IDENTIFIERS} identifiers"
            found.append(refused(where, len(fields), expectation))
        known = _IDENTIFIERS.get(mapping.get("entityType", ""))
        found += [
            refused(
                f"{where}[{place}].identifier",
                field.get("identifier"),
                f"expected one of {', '.join(known)}",
            )
            for place, field in enumerate(fields)
            if known is not None and field.get("identifier") not in known
        ]
    return found


def _detail_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    details = inputs.get("customDetails") or {}
    if len(details) <= limits.MOST_CUSTOM_DETAILS:
        return []
    expectation = f"expected at most {limits.MOST_CUSTOM_DETAILS} details"
    return [refused("customDetails", len(details), expectation, "are too many")]


def _technique_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """Sub-techniques are refused: "The expected format is 'T####'" (Azure/Azure-Sentinel #8960)."""
    techniques = inputs.get("techniques") or []
    found = [
        refused(f"techniques[{number}]", technique, "expected the form T####, no sub-technique")
        for number, technique in enumerate(techniques)
        if not _TECHNIQUE.fullmatch(technique)
    ]
    if techniques and not inputs.get("tactics"):
        found.append(refused("tactics", ABSENT, "expected those of the techniques", "is missing"))
    return found


def _grouping_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """The SDK's own text: a method Selected needs something to select by."""
    incident = inputs.get("incidentConfiguration") or {}
    grouping = incident.get("groupingConfiguration") or {}
    chosen = ("groupByEntities", "groupByAlertDetails", "groupByCustomDetails")
    if grouping.get("matchingMethod") != "Selected" or any(grouping.get(key) for key in chosen):
        return []
    where = "incidentConfiguration.groupingConfiguration.matchingMethod"
    return [refused(where, "Selected", f"expected one of {', '.join(chosen)} with it")]


TYPES: Final[list[type[ResourceType]]] = [SentinelOnboardingState, ScheduledAlertRule, Watchlist]
