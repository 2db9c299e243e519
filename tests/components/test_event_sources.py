"""The input `login_sources`: what rules, functions and the workbook read, and what is told."""

from typing import Any, cast

import pulumi
import pytest

from components.detection_set import DetectionSet, DetectionSetArgs
from components.event_sources import event_sources
from components.log_store import LogStore
from components.saved_queries import saved_searches
from components.security_dashboard import SecurityDashboard
from components.sentinel_rules import SentinelRules
from tests.conftest import Engine

RULE = "azure-native:monitor:ScheduledQueryRule"


def rules(**changes: Any) -> DetectionSet:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "workspace_id": "workspace",
        "urgent_action_group_id": "urgent",
        "routine_action_group_id": "routine",
    } | changes
    return DetectionSet("detections", cast(DetectionSetArgs, args))


def test_what_no_source_can_feed_is_left_out_in_one_sentence(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda text, *_: told.append(text))
    made = engine.deploy(lambda: rules(login_sources=["easy_auth"])).all(RULE)
    slugs = {each.name.removeprefix("detections-") for each in made}
    assert "request_flood" in slugs or "client_error_burst" in slugs
    assert not {"brute_force_from_one_address", "success_after_failures"} & slugs
    (sentence,) = told
    assert sentence.startswith("login_sources: easy_auth cannot tell what these need, so they are")
    assert "brute_force_from_one_address (address)" in sentence
    assert "break_glass_account_used (account)" in sentence


def test_nothing_is_left_out_and_told_by_default(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi.log, "warn", lambda *told: pytest.fail(str(told)))
    engine.deploy(lambda: rules(detections=["break_glass_account_used"]))
    (rule,) = engine.all(RULE)
    query = rule["criteria"]["allOf"][0]["query"]
    assert "let LoginEvents = AppServiceConsoleLogs\n" in query


def test_rules_and_saved_functions_read_the_sources(engine: Engine) -> None:
    asked = {"detections": ["break_glass_account_used"], "login_sources": ["json", "lines"]}
    engine.deploy(lambda: rules(**asked))
    (rule,) = engine.all(RULE)
    query = rule["criteria"]["allOf"][0]["query"]
    assert "JsonLogins, LoginLines" in query
    saved = saved_searches(None, ["json", "lines"])
    assert "JsonLogins, LoginLines" in saved["function-LoginEvents"]["query"]
    assert {"function-JsonLogins", "function-LoginLines", "function-LoginLine"} <= saved.keys()
    assert "function-LoginLines" not in saved_searches()


@pytest.mark.parametrize("component", [LogStore, SecurityDashboard, DetectionSet, SentinelRules])
def test_an_unknown_source_is_refused_by_each_component(engine: Engine, component: Any) -> None:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "workspace_id": "workspace",
        "workspace_name": "workspace",
        "urgent_action_group_id": "urgent",
        "routine_action_group_id": "routine",
        "login_sources": ["line"],
    }
    with pytest.raises(pulumi.InputPropertyError, match="'line' is unknown; did you mean 'lines'"):
        engine.deploy(lambda: component("any", args))


def test_the_projects_own_lines_are_the_default() -> None:
    assert event_sources({}) == ("json",)
    assert event_sources({"login_sources": ["lines"]}) == ["lines"]
