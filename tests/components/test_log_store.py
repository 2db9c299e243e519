"""LogStore: what Azure gets for it, seen from outside."""

from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from components import LogStore, saved_queries
from components.content import kql_function, login_sources
from components.log_store import LogStoreArgs
from tests.conftest import Engine

WORKSPACE = "azure-native:operationalinsights:Workspace"
SAVED_SEARCH = "azure-native:operationalinsights:SavedSearch"
RULE = "azure-native:monitor:ScheduledQueryRule"
INSIGHTS = "azure-native:applicationinsights:Component"


def store(**changes: Any) -> LogStore:
    args = {"resource_group_name": "rg", "location": "westeurope"} | changes
    return LogStore("logs", cast(LogStoreArgs, args))


def test_the_workspace_keeps_logs_for_a_month_and_has_no_cap_by_default(engine: Engine) -> None:
    workspace = engine.deploy(store).one(WORKSPACE)
    assert workspace["sku"] == {"name": "PerGB2018"}
    assert workspace["retentionInDays"] == 30
    assert workspace["workspaceCapping"] == {"dailyQuotaGb": -1}, (
        "said, so that it undoes an old cap"
    )
    assert not engine.all(RULE)
    assert not workspace.protect


def test_nobody_writes_rows_with_a_shared_key(engine: Engine) -> None:
    assert engine.deploy(store).one(WORKSPACE)["features"] == {"disableLocalAuth": True}
    loose = Engine("dev").deploy(lambda: store(allow_shared_keys=True)).one(WORKSPACE)
    assert loose["features"] == {"disableLocalAuth": False}


def test_what_protects_the_component_protects_the_logs(engine: Engine) -> None:
    options = pulumi.ResourceOptions(protect=True)
    args: LogStoreArgs = {"resource_group_name": "rg", "location": "westeurope"}
    engine.deploy(lambda: LogStore("logs", args, options))
    assert engine.one(WORKSPACE).protect


def test_a_cap_is_the_workspace_s_own(engine: Engine) -> None:
    workspace = engine.deploy(lambda: store(daily_cap_gb=2.0)).one(WORKSPACE)
    assert workspace["workspaceCapping"] == {"dailyQuotaGb": 2}


def test_retention_arrives_as_a_whole_number_from_other_languages_too(engine: Engine) -> None:
    assert engine.deploy(lambda: store(retention_days=90.0)).one(WORKSPACE)["retentionInDays"] == 90


def test_protection_covers_the_workspace_and_not_the_queries_saved_in_it(engine: Engine) -> None:
    engine.deploy(lambda: store(protect_workspace=True))
    assert engine.one(WORKSPACE).protect
    assert not any(each.protect for each in engine.all(SAVED_SEARCH)), "they are replaced"


def test_every_function_of_the_library_is_saved_under_the_name_that_queries_use(
    engine: Engine,
) -> None:
    searches = engine.deploy(store).all(SAVED_SEARCH)
    saved = {each["functionAlias"]: each for each in searches if "functionAlias" in each.inputs}
    functions = login_sources.needed(kql_function.load_all())
    assert saved.keys() == functions.keys()
    for name, function in functions.items():
        assert function.body in saved[name]["query"]
        assert saved[name].inputs.get("functionParameters", "") == function.parameters


def test_a_changed_function_is_replaced_because_azure_refuses_to_update_it(engine: Engine) -> None:
    for each in engine.deploy(store).all(SAVED_SEARCH):
        assert each.replace_on_changes == ("*",)
        assert each.delete_before_replace, "two must not share an alias"
    assert engine.all(SAVED_SEARCH)


def test_hunting_queries_are_saved_without_their_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rare_agents.kql").write_text("// name: Rare user agents\n\nLoginEvents\n| take 5")
    monkeypatch.setattr(saved_queries, "_HUNTING", tmp_path)
    search = saved_queries.saved_searches()["hunting-rare_agents"]
    assert search["display_name"] == "Rare user agents"
    assert search["query"] == "LoginEvents\n| take 5"
    assert "function_alias" not in search


def test_tags_reach_what_takes_tags(engine: Engine) -> None:
    engine.deploy(lambda: store(daily_cap_gb=1, tags={"team": "soc"}))
    assert engine.one(WORKSPACE)["tags"] == {"team": "soc"}
    assert all("tags" not in each.inputs for each in engine.all(SAVED_SEARCH)), (
        "on a saved search they mean computer groups"
    )


def test_application_insights_writes_into_the_workspace(engine: Engine) -> None:
    component = engine.deploy(lambda: store(tags={"team": "soc"})).one(INSIGHTS)
    assert component["workspaceResourceId"].endswith("logs-workspace")
    assert component["ingestionMode"] == "LogAnalytics"
    assert (component["kind"], component["applicationType"]) == ("web", "web")
    assert component["disableIpMasking"] is True, "the address is what an analyst asks for"
    assert component["tags"] == {"team": "soc"}


def test_the_state_keeps_the_keys_of_telemetry_as_secrets(engine: Engine) -> None:
    component = engine.deploy(store).one(INSIGHTS)
    assert component.secret_outputs == ("connectionString", "instrumentationKey")


def test_the_connection_string_is_a_secret(engine: Engine) -> None:
    seen: list[bool] = []

    def program() -> pulumi.Output[None]:
        asked: Any = store().insights_connection_string.is_secret()
        return pulumi.Output.from_input(asked).apply(seen.append)

    engine.deploy(program)
    assert seen == [True]
