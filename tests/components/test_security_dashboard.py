"""SecurityDashboard: what Azure gets for it, seen from outside."""

import json
import uuid
from typing import Any, cast

import pulumi

from components import SecurityDashboard, workbook
from components.content import detection, runbook, workbook_tile
from components.security_dashboard import SecurityDashboardArgs
from tests.conftest import Engine

WORKBOOK = "azure-native:applicationinsights:Workbook"
WORKSPACE = (
    "/subscriptions/s/resourceGroups/Rg-Login/providers"
    "/Microsoft.OperationalInsights/workspaces/Logs"
)


def dashboard(name: str = "dashboard", **changes: Any) -> SecurityDashboard:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "workspace_id": WORKSPACE,
        **changes,
    }
    return SecurityDashboard(name, cast(SecurityDashboardArgs, args))


def test_the_workbook_is_shared_and_linked_to_the_workspace(engine: Engine) -> None:
    made = engine.deploy(dashboard).one(WORKBOOK)
    assert (made["kind"], made["category"], made["version"]) == (
        "shared",
        "workbook",
        "Notebook/1.0",
    )
    assert made["sourceId"] == WORKSPACE.lower()
    assert made["displayName"] == "Login security"
    assert (made["resourceGroupName"], made["location"]) == ("rg", "westeurope")


def test_its_content_is_the_tiles_as_a_json_text(engine: Engine) -> None:
    text = engine.deploy(dashboard).one(WORKBOOK)["serializedData"]
    assert isinstance(text, str)
    answers = runbook.markdown(detection.load_all().values())
    assert json.loads(text) == workbook.content(WORKSPACE, workbook_tile.load_all(), answers)


def test_its_name_is_a_guid_that_stays(engine: Engine) -> None:
    name = engine.deploy(dashboard).one(WORKBOOK)["resourceName"]
    assert str(uuid.UUID(name)) == name
    assert Engine("dev").deploy(dashboard).one(WORKBOOK)["resourceName"] == name
    other = Engine("dev").deploy(lambda: dashboard("other")).one(WORKBOOK)
    assert other["resourceName"] != name, "two dashboards of one workspace do not collide"


def test_it_says_where_the_portal_shows_it(engine: Engine) -> None:
    links: list[str] = []

    def program() -> None:
        made = dashboard()
        pulumi.Output.all(made.portal_link, made.workbook_id).apply(links.extend)

    engine.deploy(program)
    link, workbook_id = links
    assert link == f"https://portal.azure.com/#resource{workbook_id}/workbook"
    assert workbook_id.startswith("/subscriptions/")


def test_a_workspace_that_is_made_in_the_same_program_will_do(engine: Engine) -> None:
    made = engine.deploy(lambda: dashboard(workspace_id=pulumi.Output.from_input(WORKSPACE)))
    assert made.one(WORKBOOK)["sourceId"] == WORKSPACE.lower()


def test_tags_reach_the_workbook(engine: Engine) -> None:
    made = engine.deploy(lambda: dashboard(tags={"team": "soc"})).one(WORKBOOK)
    assert made["tags"] == {"team": "soc"}
