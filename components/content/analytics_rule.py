"""A detection as an analytics rule of Microsoft Sentinel. Pure.

An alert rule of Azure Monitor compares a measure with a threshold; an analytics rule counts the
rows that a query returns. So the comparison becomes part of the query, and any row is an alert.

Sources: "Scheduled analytics rules in Microsoft Sentinel", "Service limits for Microsoft Sentinel"
and "Microsoft Sentinel entity types reference" (MicrosoftDocs/azure-docs, articles/sentinel).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from components.content import rule_exception
from components.content.detection import Detection
from components.content.log_sources import Owners, with_sources
from components.content.rule_exception import RuleException
from components.limits.alert_rule import duration
from components.limits.analytics_rule import (
    LONGEST_INTERVAL,
    LONGEST_QUERY,
    MOST_CUSTOM_DETAILS,
    MOST_ENTITY_MAPPINGS,
    SHORTEST_INTERVAL,
)
from components.limits.refusal import Place, Refusal, RefusedError

MEASURED = "Measured"
"""The column that an analytics rule's query adds: what the alert rule would have measured."""

# "High: wide-ranging access" down to "Informational: no impact"; Azure Monitor has five steps.
_SEVERITIES = {0: "High", 1: "High", 2: "Medium", 3: "Low", 4: "Informational"}
_SIGNS = {
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
}
_AGGREGATES = {"Total": "sum", "Average": "avg", "Minimum": "min", "Maximum": "max"}
# Column -> entity type and identifier. IP and Account are what Sentinel's pages are about.
_ENTITIES = {
    "CIp": ("IP", "Address"),
    "SrcIpAddr": ("IP", "Address"),
    "CallerIpAddress": ("IP", "Address"),
    "UserAddress": ("IP", "Address"),
    "TargetUsername": ("Account", "Name"),
    "Caller": ("Account", "Name"),
    "User": ("Account", "Name"),
    "CsHost": ("Host", "HostName"),
    "Host": ("Host", "HostName"),
    "_ResourceId": ("AzureResource", "ResourceId"),
}
# ATT&CK technique -> the tactic that it serves here; Sentinel refuses a technique without one of
# its tactics. Techniques of several tactics stand for the one that a login monitor sees.
_TACTICS = {
    "T1068": "PrivilegeEscalation",
    "T1078": "InitialAccess",
    "T1087": "Discovery",
    "T1098": "Persistence",
    "T1110": "CredentialAccess",
    "T1133": "InitialAccess",
    "T1190": "InitialAccess",
    "T1212": "CredentialAccess",
    "T1489": "Impact",
    "T1498": "Impact",
    "T1499": "Impact",
    "T1531": "Impact",
    "T1539": "CredentialAccess",
    "T1550": "LateralMovement",
    "T1562": "DefenseEvasion",
    "T1589": "Reconnaissance",
    "T1595": "Reconnaissance",
    "T1606": "CredentialAccess",
    "T1621": "CredentialAccess",
}


@dataclass(frozen=True)
class EntityMapping:
    """Which column names an entity of the alert."""

    entity_type: str
    identifier: str
    column: str


@dataclass(frozen=True)
class AnalyticsRule:
    """What Sentinel gets; durations are ISO 8601. `function` is saved in the workspace first."""

    slug: str
    display_name: str
    description: str
    severity: str
    enabled: bool
    query: str
    query_frequency: str
    query_period: str
    tactics: tuple[str, ...]
    techniques: tuple[str, ...]
    entity_mappings: tuple[EntityMapping, ...]
    custom_details: dict[str, str]
    alert_name: str
    function: str
    """The name that `query` calls where it would be too long by itself; empty where it is not."""
    function_query: str

    def arguments(self) -> dict[str, Any]:
        """ScheduledAlertRule's arguments, in Python's names; where it lies is not among them."""
        entities = [each.entity_type for each in self.entity_mappings]
        return {
            "kind": "Scheduled",
            "display_name": self.display_name,
            "description": self.description,
            "severity": self.severity,
            "enabled": self.enabled,
            "query": self.query,
            "query_frequency": self.query_frequency,
            "query_period": self.query_period,
            "trigger_operator": "GreaterThan",
            "trigger_threshold": 0,
            "tactics": list(self.tactics),
            "techniques": list(self.techniques),
            "entity_mappings": [
                {
                    "entity_type": each.entity_type,
                    "field_mappings": [{"identifier": each.identifier, "column_name": each.column}],
                }
                for each in self.entity_mappings
            ]
            or None,
            "custom_details": self.custom_details,
            "alert_details_override": {"alert_display_name_format": self.alert_name},
            # One alert for each attacker, as the alert rule has it.
            "event_grouping_settings": {"aggregation_kind": "AlertPerResult"},
            "incident_configuration": {
                "create_incident": True,
                # The window is longer than the interval, so one attack comes several times; what
                # names the same attacker within five hours is one incident.
                "grouping_configuration": {
                    "enabled": True,
                    "reopen_closed_incident": False,
                    "lookback_duration": "PT5H",
                    "matching_method": "AllEntities" if entities else "AnyAlert",
                },
            },
            # It would silence the whole rule, so a second attacker too.
            "suppression_enabled": False,
            "suppression_duration": "PT5H",
        }


def from_detection(
    found: Detection,
    owners: Owners | None = None,
    exceptions: Sequence[RuleException] = (),
    *,
    in_function: bool | None = None,
) -> AnalyticsRule:
    """The rule that alerts when the detection's alert rule does; RefusedError if none can.

    `in_function` decides whether its query is saved as a function; by its length where nobody does.
    """
    if refusals := _refusals(found):
        raise RefusedError(*(each.below(found.slug) for each in refusals))
    # The query is compiled when the rule is made, against a workspace that knows no row yet.
    without = rule_exception.conditions(exceptions, found)
    safe = with_sources(found.rendered_query(), found.tables, owners, without)
    told = rule_exception.in_words(exceptions, found)
    excepted = f" Excepted: {told}." if told else ""
    whole = "\n".join([safe, *_comparison(found)])
    fits = len(whole) <= LONGEST_QUERY if in_function is None else not in_function
    function = "" if fits else "".join(word.capitalize() for word in found.slug.split("_"))
    mappings = tuple(
        EntityMapping(*_ENTITIES[column], column)
        for column in found.dimensions
        if column in _ENTITIES
    )
    details = [column for column in found.dimensions if column not in _ENTITIES]
    techniques = tuple(dict.fromkeys(each.split(".")[0] for each in found.attack))
    return AnalyticsRule(
        slug=found.slug,
        display_name=found.name,
        description=f"{found.description} {found.response}{excepted}",
        severity=_SEVERITIES[found.severity],
        enabled=found.enabled,
        query=whole if fits else "\n".join([function, *_comparison(found)]),
        query_frequency=_at_least_five_minutes(found.frequency),
        query_period=found.window,
        tactics=tuple(dict.fromkeys(_TACTICS[each] for each in techniques)),
        # "The technique 'T1071.001' is invalid. The expected format is 'T####'"
        # (Azure/Azure-Sentinel #8960): sub-techniques stay in the head.
        techniques=techniques,
        entity_mappings=mappings[:MOST_ENTITY_MAPPINGS],
        custom_details={column: column for column in [*details, MEASURED]},
        alert_name=_alert_name(found),
        function=function,
        function_query="" if fits else safe,
    )


def carried_over(
    detections: Iterable[Detection],
    owners: Owners | None = None,
    exceptions: Sequence[RuleException] = (),
) -> tuple[list[AnalyticsRule], dict[str, RefusedError]]:
    """The rules of those that can be carried over, and why the others cannot, by slug."""
    rules: list[AnalyticsRule] = []
    refused: dict[str, RefusedError] = {}
    for each in detections:
        try:
            rules.append(from_detection(each, owners, exceptions))
        except RefusedError as error:
            refused[each.slug] = error
    return rules, refused


def _comparison(found: Detection) -> list[str]:
    """The rest of the query: per combination of dimensions the measure, compared."""
    by = f" by {', '.join(found.dimensions)}" if found.dimensions else ""
    if found.measure_column is None:
        measured = f"| summarize {MEASURED} = count(){by}"
    else:
        aggregate = f"{_AGGREGATES[found.aggregation]}({found.measure_column})"
        # The other columns come from the row that says most.
        measured = f"| summarize arg_max({found.measure_column}, *), {MEASURED} = {aggregate}{by}"
    return [measured, f"| where {MEASURED} {_SIGNS[found.operator]} {found.threshold or 0:g}"]


def _refusals(found: Detection) -> list[Refusal]:
    refusals = []
    if found.is_dynamic:
        what = "is a dynamic threshold, which cannot be carried over"
        expected = "expected a number: an analytics rule learns nothing"
        refusals.append(Refusal(Place(key="threshold"), what, expected))
    if found.failing_periods > 1:
        expected = "expected one period: an analytics rule has no other"
        what, periods = "cannot be carried over", found.failing_periods
        refusals.append(Refusal(Place(key="failing_periods"), what, expected, periods))
    # The limits of an alert rule lie inside, save for the interval, which is lengthened.
    if not SHORTEST_INTERVAL <= duration(found.window) <= LONGEST_INTERVAL:
        expected = "expected 5 minutes to 14 days"
        refusals.append(Refusal(Place(key="window"), "is not accepted", expected, found.window))
    if len(_dimensions_as_details(found)) >= MOST_CUSTOM_DETAILS:
        what = f"has {len(found.dimensions)} columns, which are too many"
        refusals.append(Refusal(Place(key="dimensions"), what, "expected fewer than 20"))
    expected = f"expected one of {', '.join(sorted(_TACTICS))}"
    refusals += [
        Refusal(Place(key="attack"), "has no tactic here", expected, each)
        for each in found.attack
        if each.split(".")[0] not in _TACTICS
    ]
    return refusals


def _dimensions_as_details(found: Detection) -> list[str]:
    return [column for column in found.dimensions if column not in _ENTITIES]


def _at_least_five_minutes(frequency: str) -> str:
    return frequency if duration(frequency) >= SHORTEST_INTERVAL else "PT5M"


def _alert_name(found: Detection) -> str:
    """The name with whom it is about; three columns are what an alert's name takes."""
    columns = " ".join(f"{{{{{column}}}}}" for column in found.dimensions[:3])
    return f"{found.name}: {columns}" if columns else found.name
