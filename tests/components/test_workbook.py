"""The workbook's JSON: what Azure's own workbooks look like, with our tiles in their order."""

import json
import re
import uuid
from typing import Any

import pytest

from components import workbook
from components.content import detection, runbook, workbook_tile

WORKSPACE = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-login/providers"
    "/Microsoft.OperationalInsights/workspaces/logs"
)
TILES = workbook_tile.load_all()
KNOWN = {"Account", "ResourceGroup", "TimeRange"}


@pytest.fixture(scope="module")
def opened() -> dict[str, Any]:
    """The workbook as whoever opens it reads it."""
    found: dict[str, Any] = json.loads(workbook.serialized(WORKSPACE, TILES))
    return found


def items(opened: dict[str, Any], kind: int) -> list[dict[str, Any]]:
    return [each for each in opened["items"] if each["type"] == kind]


def test_it_is_a_notebook_over_the_workspace(opened: dict[str, Any]) -> None:
    assert opened["version"] == "Notebook/1.0"
    assert opened["fallbackResourceIds"] == [WORKSPACE]
    assert {each["type"] for each in opened["items"]} == {1, 3, 9}


def test_every_item_has_a_name_of_its_own(opened: dict[str, Any]) -> None:
    names = [each["name"] for each in opened["items"]]
    assert all(names)
    assert len(set(names)) == len(names)


def test_it_begins_with_an_introduction_and_the_parameters(opened: dict[str, Any]) -> None:
    first, second, third, *_ = opened["items"]
    assert first["content"]["json"].startswith("# Login security")
    assert second["type"] == 9
    assert third["content"] == {"json": "## Sign-ins"}


def test_it_ends_with_how_to_answer_each_alert() -> None:
    library = detection.load_all().values()
    found = json.loads(workbook.serialized(WORKSPACE, TILES, runbook.markdown(library)))
    last = found["items"][-1]
    assert (last["type"], last["name"]) == (1, "runbook")
    for each in library:
        assert f"`{each.slug}`" in last["content"]["json"]
        assert each.response in last["content"]["json"]


def test_the_tiles_stand_in_their_order_below_their_sections(opened: dict[str, Any]) -> None:
    expected: list[str] = []
    for tile in TILES:
        heading = f"section {tile.section}"
        if heading not in expected:
            expected.append(heading)
        expected.append(tile.slug)
    assert [each["name"] for each in opened["items"][2:]] == expected
    assert [tile.order for tile in TILES] == sorted(tile.order for tile in TILES)


def test_the_time_range_is_a_parameter_that_every_tile_takes(opened: dict[str, Any]) -> None:
    content = items(opened, 9)[0]["content"]
    assert content["version"] == "KqlParameterItem/1.0"
    time_range = content["parameters"][0]
    assert (time_range["name"], time_range["type"]) == ("TimeRange", 4)
    assert time_range["isRequired"] is True
    offered = [each["durationMs"] for each in time_range["typeSettings"]["selectableValues"]]
    assert time_range["value"]["durationMs"] in offered
    assert offered == sorted(offered)
    assert time_range["typeSettings"]["allowCustom"] is True
    tiles = items(opened, 3)
    assert tiles
    assert all(each["content"]["timeContextFromParameter"] == "TimeRange" for each in tiles)
    graph = [each["content"] for each in tiles if each["content"]["queryType"] == 1]
    assert all("{TimeRange:startISO}" in each["query"] for each in graph), (
        "Resource Graph is not given the time range, its query has to take it"
    )


def test_every_parameter_has_an_id_and_is_used(opened: dict[str, Any]) -> None:
    parameters = items(opened, 9)[0]["content"]["parameters"]
    assert {each["name"] for each in parameters} == KNOWN
    ids = [uuid.UUID(each["id"]) for each in parameters]
    assert len(set(ids)) == len(ids)
    text = json.dumps(items(opened, 3))
    assert all(re.search(rf"\{{{name}[:}}]", text) for name in KNOWN - {"TimeRange"})
    hidden = {each["name"] for each in parameters if each.get("isHiddenWhenLocked")}
    assert hidden == {"ResourceGroup"}
    assert {each["value"] for each in parameters if each["name"] in hidden} == {"rg-login"}


def test_a_query_says_whom_it_asks(opened: dict[str, Any]) -> None:
    for each in items(opened, 3):
        content = each["content"]
        assert content["version"] == "KqlItem/1.0"
        if content["queryType"] == 0:
            assert content["resourceType"] == "microsoft.operationalinsights/workspaces"
            assert content["crossComponentResources"] == [WORKSPACE]
        else:
            assert content["queryType"] == 1
            assert content["resourceType"] == "microsoft.resourcegraph/resources"
            assert content["crossComponentResources"] == [WORKSPACE.split("/resourceGroups")[0]]
    assert {each["content"]["queryType"] for each in items(opened, 3)} == {0, 1}


def test_a_query_carries_the_functions_that_it_calls(opened: dict[str, Any]) -> None:
    queries = {each["name"]: each["content"]["query"] for each in items(opened, 3)}
    assert "\nlet LoginEvents = " in queries["sign_ins_over_time"]
    assert "let DecodeUrl = " in queries["attack_vectors"]
    for tile in TILES:
        assert queries[tile.slug].endswith(tile.query), "the head is for people, not for Azure"


def test_sizes_and_widths_are_written_as_workbooks_write_them(opened: dict[str, Any]) -> None:
    for each in items(opened, 3):
        assert each["content"]["size"] in range(5)
        assert each["content"]["visualization"] in workbook_tile.VISUALIZATIONS
        assert re.fullmatch(r"\d\d", each.get("customWidth", "50")), "a text, not a number"
    assert any("customWidth" in each for each in items(opened, 3))


def test_halves_of_the_page_come_in_pairs() -> None:
    """A half without its neighbour leaves the other half of the page empty."""
    room = 100
    for tile in TILES:
        if tile.width > room:
            assert room == 100, f"{tile.slug} begins a new line, the one above is not full"
        room = (room - tile.width) or 100
    assert room == 100


def test_the_name_is_a_lower_case_guid_that_a_second_run_has_too() -> None:
    name = workbook.name(WORKSPACE, "dashboard")
    assert str(uuid.UUID(name)) == name
    assert workbook.name(WORKSPACE.upper(), "dashboard") == name
    assert workbook.name(WORKSPACE, "another") != name
    assert workbook.name(f"{WORKSPACE}2", "dashboard") != name


def test_an_id_that_is_no_workspace_s_still_makes_a_workbook() -> None:
    """In a preview the id may not be a real one yet."""
    assert json.loads(workbook.serialized("workspace", TILES))["items"]
