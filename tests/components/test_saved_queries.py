"""SavedQueries: what analysts find in a workspace of their own."""

from typing import Any, cast

from components import SavedQueries
from components.saved_queries import SavedQueriesArgs, saved_searches
from tests.conftest import Engine

SAVED_SEARCH = "azure-native:operationalinsights:SavedSearch"
APP = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/shop"


def queries(**changes: Any) -> SavedQueries:
    args = {"resource_group_name": "rg-logs", "workspace_name": "central"} | changes
    return SavedQueries("login", cast(SavedQueriesArgs, args))


def test_every_function_and_hunting_query_goes_to_the_workspace(engine: Engine) -> None:
    made = engine.deploy(queries).all(SAVED_SEARCH)
    assert {each.name for each in made} == {f"login-{role}" for role in saved_searches()}
    assert {(each["resourceGroupName"], each["workspaceName"]) for each in made} == {
        ("rg-logs", "central")
    }
    aliases = {each.inputs.get("functionAlias") for each in made}
    assert "LoginEvents" in aliases


def test_they_see_the_chosen_apps_alone(engine: Engine) -> None:
    made = engine.deploy(lambda: queries(app_ids=[APP])).all(SAVED_SEARCH)
    events = next(each for each in made if each.name == "login-function-LoginEvents")
    assert f'_ResourceId in~ ("{APP}")' in events["query"]
