"""A detection and its analytics rule say the same, within Sentinel's limits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.content import analytics_rule, detection
from components.content.analytics_rule import AnalyticsRule, EntityMapping
from components.content.detection import Detection
from components.limits import analytics_rule as limits
from components.limits.alert_rule import duration
from components.limits.refusal import RefusedError
from lab.trial import case_run

DETECTIONS = detection.load_all()
SPRAY = DETECTIONS["password_spray"]


RULES, REFUSED = analytics_rule.carried_over(DETECTIONS.values())


def rules() -> dict[str, AnalyticsRule]:
    return {each.slug: each for each in RULES}


def whole_query(rule: AnalyticsRule) -> str:
    """What Sentinel runs: the function, where there is one, in place of its name."""
    if not rule.function:
        return rule.query
    first, _, rest = rule.query.partition("\n")
    assert first == rule.function
    return f"{rule.function_query}\n{rest}"


def test_only_what_needs_several_periods_or_learns_is_not_carried_over() -> None:
    several = {
        slug for slug, each in DETECTIONS.items() if each.failing_periods > 1 or each.is_dynamic
    }
    assert REFUSED.keys() == several
    assert rules().keys() | several == DETECTIONS.keys()


def test_every_rule_is_within_the_limits_of_sentinel() -> None:
    assert len(rules()) > 30
    for slug, rule in rules().items():
        assert 1 <= len(rule.query) <= limits.LONGEST_QUERY, slug
        assert "search *" not in whole_query(rule), slug
        assert "union *" not in whole_query(rule), slug
        frequency, period = duration(rule.query_frequency), duration(rule.query_period)
        assert timedelta(minutes=5) <= frequency <= period <= timedelta(days=14), slug
        assert len(rule.entity_mappings) <= limits.MOST_ENTITY_MAPPINGS, slug
        assert len(rule.custom_details) <= limits.MOST_CUSTOM_DETAILS, slug
        assert rule.alert_name.count("{{") <= 3, slug
        assert rule.tactics, slug
        assert all(len(each) == len("T1110") for each in rule.techniques), slug
        assert len(rule.description) <= 5000, slug


def test_names_of_rules_and_functions_are_unique() -> None:
    found = rules().values()
    assert len({each.display_name for each in found}) == len(found)
    functions = [each.function for each in found if each.function]
    assert functions, "the longest detections need one"
    assert len(set(functions)) == len(functions)


def test_a_short_query_stands_by_itself_and_ends_with_its_threshold() -> None:
    rule = analytics_rule.from_detection(SPRAY)
    assert not rule.function
    assert rule.query.startswith("let AppServiceConsoleLogs = union isfuzzy=true (datatable(")
    assert SPRAY.rendered_query() in rule.query, "compiled before the first row arrives"
    assert rule.query.endswith(
        "| summarize arg_max(Accounts, *), Measured = sum(Accounts) by SrcIpAddr\n"
        "| where Measured >= 10"
    )


def test_a_long_query_lives_in_a_function_of_the_workspace() -> None:
    found = DETECTIONS["script_injection_probe"]
    rule = analytics_rule.from_detection(found)
    assert rule.function == "ScriptInjectionProbe"
    assert rule.function_query.endswith(found.rendered_query())
    assert rule.query.splitlines()[0] == "ScriptInjectionProbe"
    assert rule.query.endswith("| where Measured >= 5")


def test_rows_are_counted_for_each_combination_of_dimensions() -> None:
    rule = analytics_rule.from_detection(
        replace(SPRAY, measure_column=None, operator="GreaterThan", threshold=3.5)
    )
    assert rule.query.endswith(
        "| summarize Measured = count() by SrcIpAddr\n| where Measured > 3.5"
    )


def test_without_dimensions_the_whole_table_is_one_row() -> None:
    rule = analytics_rule.from_detection(
        replace(SPRAY, measure_column=None, dimensions=(), operator="LessThan", threshold=1)
    )
    assert rule.query.endswith("| summarize Measured = count()\n| where Measured < 1")
    grouping = rule.arguments()["incident_configuration"]["grouping_configuration"]
    assert grouping["matching_method"] == "AnyAlert"
    assert rule.alert_name == rule.display_name
    assert rule.arguments()["entity_mappings"] is None


def test_addresses_and_accounts_become_entities_and_the_rest_details() -> None:
    rule = analytics_rule.from_detection(DETECTIONS["success_after_failures"])
    assert rule.entity_mappings == (
        EntityMapping("Account", "Name", "TargetUsername"),
        EntityMapping("IP", "Address", "SrcIpAddr"),
    )
    assert rule.alert_name == "Success after failures: {{TargetUsername}} {{SrcIpAddr}}"
    probe = analytics_rule.from_detection(DETECTIONS["script_injection_probe"])
    assert probe.entity_mappings == (EntityMapping("IP", "Address", "CIp"),)
    assert probe.custom_details == {"Measured": "Measured"}
    worked = analytics_rule.from_detection(DETECTIONS["probe_may_have_worked"])
    assert worked.custom_details == {"Sign": "Sign", "Measured": "Measured"}


@pytest.mark.parametrize(
    ("severity", "word"), list(enumerate(["High", "High", "Medium", "Low", "Informational"]))
)
def test_five_severities_become_four(severity: int, word: str) -> None:
    assert analytics_rule.from_detection(replace(SPRAY, severity=severity)).severity == word


def test_sub_techniques_are_named_by_their_technique_once() -> None:
    rule = analytics_rule.from_detection(
        replace(SPRAY, attack=("T1110.003", "T1110.004", "T1078.001"))
    )
    assert rule.techniques == ("T1110", "T1078")
    assert rule.tactics == ("CredentialAccess", "InitialAccess")


def test_a_detection_that_is_switched_off_stays_off() -> None:
    assert not analytics_rule.from_detection(replace(SPRAY, enabled=False)).enabled
    assert analytics_rule.from_detection(SPRAY).enabled


def test_what_looks_every_minute_looks_every_five() -> None:
    rule = analytics_rule.from_detection(replace(SPRAY, frequency="PT1M"))
    assert rule.query_frequency == "PT5M"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"failing_periods": 3}, ["password_spray.failing_periods 3", "one period"]),
        ({"window": "PT1M", "frequency": "PT1M"}, ["window 'PT1M'", "5 minutes to 14 days"]),
        ({"attack": ("T1110", "T9999")}, ["attack 'T9999' has no tactic here"]),
    ],
)
def test_what_cannot_be_carried_over_is_refused(changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(RefusedError) as caught:
        analytics_rule.from_detection(replace(SPRAY, **changes))
    assert all(word in str(caught.value) for word in words), str(caught.value)


def counted(found: Detection) -> Detection:
    """The analytics rule as an alert rule that counts rows, which is what Sentinel does."""
    return replace(
        found,
        query=whole_query(analytics_rule.from_detection(found)),
        functions=(),
        measure_column=None,
        aggregation="Count",
        operator="GreaterThan",
        threshold=0,
    )


@pytest.mark.parametrize("slug", sorted(rules()))
def test_it_alerts_whom_the_alert_rule_alerts(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every case of the detection, boundaries included, comes to the same end."""
    judge = case_run._judge
    monkeypatch.setattr(case_run, "_judge", lambda found, own: judge(counted(found), own))
    results = case_run.run([slug])
    assert [each.reason for each in results if not each.passed] == []
    assert sum(bool(each.alerts) for each in results) >= 2
