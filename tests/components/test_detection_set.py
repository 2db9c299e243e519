"""DetectionSet: detections become alert rules that Azure accepts."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from components import DetectionSet, detection_set
from components.content import detection
from components.content.detection import Detection
from components.detection_set import DetectionSetArgs, chosen_detections, rule_arguments
from components.limits.alert_rule import duration
from components.limits.refusal import RefusedError
from tests.conftest import Engine

RULE = "azure-native:monitor:ScheduledQueryRule"

HEAD = """\
// name: Many refusals
// description: One address is refused again and again.
// severity: 2
// status: stable
// essential: true
// frequency: PT5M
// window: PT15M
// measure: {column: Failures, aggregation: Total}
// operator: GreaterThanOrEqual
// threshold: 20
// dimensions: [SrcIpAddr]
// failing_periods: {min: 1, of: 1}
// tables: [AppServiceConsoleLogs]
// attack: [T1110.001, T1110.003]
// confidence: 2
// false_positives: []
// blind_spots: [slow guesses]
// response: Block the address.

AppServiceConsoleLogs
| summarize Failures = count() by SrcIpAddr = Host, bin(TimeGenerated, 5m)
"""


@pytest.fixture
def a_detection(tmp_path: Path) -> Detection:
    """One that sums a column by address, severity 2, every 5 minutes."""
    path = tmp_path / "many_refusals.kql"
    path.write_text(HEAD)
    return detection.read(path, {})


@pytest.fixture
def library(a_detection: Detection, monkeypatch: pytest.MonkeyPatch) -> dict[str, Detection]:
    """Two detections, one of them essential, in the place of kql/."""
    known = {
        "many_refusals": a_detection,
        "new_idea": replace(a_detection, slug="new_idea", essential=False, severity=1),
    }
    monkeypatch.setattr(detection, "load_all", lambda **_sources: known)
    monkeypatch.setattr(detection, "load", known.__getitem__)
    return known


def rules(**changes: Any) -> DetectionSet:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "workspace_id": "workspace",
        "urgent_action_group_id": "urgent",
        "routine_action_group_id": "routine",
    } | changes
    return DetectionSet("detections", cast(DetectionSetArgs, args))


@pytest.mark.usefixtures("library")
class TestTheRules:
    """The component under an engine, with the library of two."""

    def test_essential_detections_are_the_default(self, engine: Engine) -> None:
        rule = engine.deploy(rules).one(RULE)
        assert rule.name == "detections-many_refusals", "the slug is the name's end"

    def test_all_detections_can_be_had(self, engine: Engine) -> None:
        assert len(engine.deploy(lambda: rules(detections=["all"])).all(RULE)) == 2

    def test_severity_decides_who_is_told(self, engine: Engine) -> None:
        engine.deploy(lambda: rules(detections=["all"]))
        told = {each.name: each["actions"]["actionGroups"] for each in engine.all(RULE)}
        assert told == {
            "detections-many_refusals": ["routine"],
            "detections-new_idea": ["urgent"],
        }

    def test_a_rule_has_one_scope_and_moves_by_replacement(self, engine: Engine) -> None:
        rule = engine.deploy(rules).one(RULE)
        assert rule["scopes"] == ["workspace"]
        assert rule.replace_on_changes == ("scopes",)

    def test_an_alert_carries_what_its_reader_needs(self, engine: Engine) -> None:
        actions = engine.deploy(rules).one(RULE)["actions"]
        assert actions["customProperties"] == {
            "detection": "many_refusals",
            "attack": "T1110.001, T1110.003",
            "response": "Block the address.",
        }
        assert actions["actionProperties"] == {"Email.Subject": "[Sev2] Many refusals"}

    def test_a_stacks_own_values_win(self, engine: Engine) -> None:
        own = {"many_refusals": {"threshold": 5.5, "severity": 0.0, "enabled": False}}
        rule = engine.deploy(lambda: rules(detection_overrides=own)).one(RULE)
        assert rule["criteria"]["allOf"][0]["threshold"] == 5.5
        assert rule["severity"] == 0, "a whole number arrives as a float from other languages"
        assert rule["enabled"] is False
        assert rule["actions"]["actionGroups"] == ["urgent"]

    def test_rule_ids_are_told_by_slug(self, engine: Engine) -> None:
        told: dict[str, str] = {}
        engine.deploy(lambda: rules().rule_ids.apply(told.update))
        assert list(told) == ["many_refusals"]

    def test_tags_reach_the_rules(self, engine: Engine) -> None:
        assert engine.deploy(lambda: rules(tags={"a": "b"})).one(RULE)["tags"] == {"a": "b"}

    def test_what_cannot_work_is_refused_before_any_rule_exists(self, engine: Engine) -> None:
        def program() -> None:
            with pytest.raises(pulumi.InputPropertyError) as refused:
                rules(detection_overrides={"many_refusals": {"frequency": "PT1H"}})
            assert "frequency 'PT1H' is refused by Azure" in refused.value.reason

        assert not engine.deploy(program).all(RULE)


def wire(found: Detection, mute: str | None = None) -> dict[str, Any]:
    """The arguments with the nested classes turned back into dictionaries."""
    arguments = rule_arguments(found, mute)
    condition = arguments["criteria"].all_of[0]
    return arguments | {"condition": condition}


def test_a_rules_arguments_need_no_pulumi_engine(a_detection: Detection) -> None:
    arguments = wire(a_detection)
    assert arguments["display_name"] == "Many refusals"
    assert arguments["evaluation_frequency"] == "PT5M"
    assert arguments["window_size"] == "PT15M"
    assert arguments["skip_query_validation"] is True, "the tables come with their first record"
    condition = arguments["condition"]
    assert "severity" not in condition.query, "the head is for people"
    assert condition.query.endswith("| where Failures >= 20"), "Azure bills each series"
    assert condition.metric_measure_column == "Failures"
    assert condition.time_aggregation == "Total"
    assert condition.threshold == 20
    assert [each.name for each in condition.dimensions] == ["SrcIpAddr"]
    assert condition.dimensions[0].values == ["*"]
    assert condition.dimensions[0].operator == "Include"
    periods = condition.failing_periods
    assert (periods.min_failing_periods_to_alert, periods.number_of_evaluation_periods) == (1, 1)


def test_operators_are_the_words_that_the_service_knows() -> None:
    static = {"GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "Equal"}
    for found in detection.load_all().values():
        operator = wire(found)["condition"].operator
        assert type(operator) is str
        dynamic = {"GreaterThan", "LessThan", "GreaterOrLessThan"}
        assert operator in (dynamic if found.is_dynamic else static)
    assert any(found.is_dynamic for found in detection.load_all().values())


def test_a_dynamic_threshold_has_a_sensitivity_and_no_number(a_detection: Detection) -> None:
    learned = replace(a_detection, threshold=None, sensitivity="High", operator="GreaterThan")
    condition = wire(learned)["condition"]
    assert condition.threshold is None
    assert condition.alert_sensitivity == "High"
    assert condition.criterion_type == "DynamicThresholdCriterion"
    assert wire(a_detection)["condition"].criterion_type is None


def test_counting_rows_names_no_column(a_detection: Detection) -> None:
    counting = replace(a_detection, aggregation="Count", measure_column=None)
    assert wire(replace(counting, dimensions=()))["condition"].metric_measure_column is None
    assert wire(counting)["condition"].metric_measure_column == "Rows", (
        "else nothing can be left out"
    )


def test_alerts_resolve_by_themselves_unless_they_are_muted(a_detection: Detection) -> None:
    arguments = rule_arguments(a_detection, None)
    assert arguments["auto_mitigate"] is True
    assert "mute_actions_duration" not in arguments


def test_a_muted_rule_says_that_it_does_not_resolve(a_detection: Detection) -> None:
    arguments = rule_arguments(a_detection, "PT30M")
    assert arguments["mute_actions_duration"] == "PT30M"
    assert arguments["auto_mitigate"] is False, "Azure's default is true, and it refuses both"


def test_a_daily_rule_is_not_asked_to_resolve(a_detection: Detection) -> None:
    daily = replace(a_detection, frequency="P1D", window="P1D")
    assert rule_arguments(daily, None)["auto_mitigate"] is False, "not beyond 12 hours"


@pytest.mark.usefixtures("library")
def test_everything_that_cannot_work_is_told_at_once() -> None:
    overrides = {
        "many_refusals": {"threshold": "many"},
        "new_idea": {"frequency": "PT1H", "colour": "red"},
    }
    with pytest.raises(RefusedError) as refused:
        chosen_detections(["many_refusal"], overrides, None)
    told = str(refused.value).splitlines()
    assert len(told) >= 3, told
    assert any("'many_refusal' is unknown; did you mean 'many_refusals'?" in line for line in told)
    assert any("detection_overrides.many_refusals.threshold 'many'" in line for line in told)
    assert any("detection_overrides.new_idea.colour cannot" in line for line in told)


@pytest.mark.usefixtures("library")
def test_a_silence_shorter_than_the_evaluations_are_apart_is_refused() -> None:
    slow = {"many_refusals": {"frequency": "PT15M"}}
    with pytest.raises(
        RefusedError, match="mute_duration 'PT5M' is refused by Azure for many_refusals"
    ):
        chosen_detections(["essential"], slow, "PT5M")
    assert chosen_detections(["essential"], slow, "PT15M")


@pytest.mark.usefixtures("library")
def test_changing_a_detection_that_is_not_chosen_does_not_choose_it() -> None:
    found = chosen_detections(["essential"], {"new_idea": {"severity": 4}}, None)
    assert [each.slug for each in found] == ["many_refusals"]


def test_a_set_leaves_out_what_would_never_see_a_row_and_a_list_may_not_name_it() -> None:
    slugs = {each.slug for each in chosen_detections(["all"], {}, None)}
    assert "log_store_full" not in slugs
    filled = chosen_detections(["all"], {}, None, ["_LogOperation"])
    assert "log_store_full" in {each.slug for each in filled}
    with pytest.raises(RefusedError) as refused:
        chosen_detections(["log_store_full", "password_spray"], {}, None)
    assert str(refused.value) == (
        "detection log_store_full reads _LogOperation, which gets no rows; "
        "expected a daily cap (dailyCapGb)"
    )


def test_every_detection_of_the_library_tells_its_reader_what_to_do() -> None:
    for found in detection.load_all().values():
        properties = detection_set.custom_properties(found)
        assert all(properties.values()), found.slug
        assert len(detection_set.email_subject(found)) <= 100
        assert duration(found.frequency) <= duration(found.window)
    assert len(detection.load_all()) > 40
