"""Names at the edges of what Azure accepts."""

import pytest

from components.limits.refusal import Refusal
from lab.azure import TYPES
from lab.azure.core.name_rule import ANY_NAME

LONG = "a" * 260


def problems(kind: str, name: str) -> list[Refusal]:
    found = TYPES.get(f"azure-native:{kind}")
    rule = ANY_NAME if found is None else found.name_rule
    return rule.problems("name", name)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("resources:ResourceGroup", "rg-login_(dev).1"),
        ("operationalinsights:Workspace", "logs"),
        ("operationalinsights:Workspace", "a" * 63),
        ("web:WebApp", "login-app-1"),
        ("web:AppServicePlan", "p"),
        ("monitor:ScheduledQueryRule", "Brute force, from one address!"),
        ("monitor:ActionGroup", LONG),
        ("monitor:DiagnosticSetting", "services"),
        ("applicationinsights:Workbook", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
        ("dbforpostgresql:Server", "login-db-1"),
        ("network:RouteTable", "anything % goes"),
    ],
)
def test_a_name_within_the_rule_is_accepted(kind: str, name: str) -> None:
    assert problems(kind, name) == []
    known = f"azure-native:{kind}" in TYPES
    assert bool(problems(kind, "a" * 1000)) == known, "too long for every type that has a rule"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("resources:ResourceGroup", "ends-with-a-dot."),
        ("resources:ResourceGroup", "has space"),
        ("resources:ResourceGroup", "a" * 91),
        ("operationalinsights:Workspace", "log"),
        ("operationalinsights:Workspace", "a" * 64),
        ("operationalinsights:Workspace", "-logs"),
        ("operationalinsights:Workspace", "under_score"),
        ("web:WebApp", "a" * 61),
        ("web:WebApp", "ends-with-"),
        ("web:WebApp", "dots.in.it"),
        ("monitor:ScheduledQueryRule", "5% of logins"),
        ("monitor:ScheduledQueryRule", LONG + "a"),
        ("monitor:ActionGroup", "what?"),
        ("monitor:ActionGroup", "ends with space "),
        ("monitor:MetricAlert", "a|b"),
        ("monitor:DiagnosticSetting", "service"),
        ("alertsmanagement:AlertProcessingRuleByName", "night #1"),
        ("applicationinsights:Workbook", "6F9619FF-8B86-4D01-B42D-00CF4FC964FF"),
        ("keyvault:Vault", "two--hyphens"),
        ("keyvault:Vault", "1starts-with-a-digit"),
        ("dbforpostgresql:Server", "Upper-Case"),
        ("storage:StorageAccount", "with-hyphen"),
    ],
)
def test_a_name_outside_the_rule_is_refused_with_the_rule(kind: str, name: str) -> None:
    (problem,) = problems(kind, name)
    assert problem.value == name
    assert problem.expected.startswith("expected ")


def test_what_the_provider_names_by_guid_gets_a_name_that_azure_accepts() -> None:
    token = "azure-native:applicationinsights:Workbook"
    rule = TYPES[token].name_rule
    name = rule.automatic("board", "ab" * 32)
    assert rule.problems("resourceName", name) == []
    assert rule.problems("resourceName", "board"), "a word is no GUID"
