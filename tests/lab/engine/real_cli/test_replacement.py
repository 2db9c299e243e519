"""Where Azure cannot change a resource, the engine makes a new one, in the order that works."""

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.engine

GROUPS = """
    one = resources.ResourceGroup("one", resource_group_name="rg-one", location="westeurope")
    two = resources.ResourceGroup("two", location="westeurope")
    drawn = random.RandomPassword("drawn", length=20)
"""


def test_a_new_place_is_a_new_resource(project: Project) -> None:
    body = """
    logs = operationalinsights.Workspace(
        "logs", resource_group_name={group}.name, location="{location}", retention_in_days=30)
    """
    project.write(GROUPS + body.format(group="one", location="westeurope"))
    project.up()
    first = {one.logical_name: one for one in project.held}

    project.write(GROUPS + body.format(group="one", location="West Europe"))
    assert project.steps() == [], "two spellings of one region"

    changed = GROUPS.replace("length=20", "length=24").replace(
        '"rg-one", location="westeurope"', '"rg-one", location="northeurope"'
    )
    project.write(changed + body.format(group="two", location="westeurope"))
    assert sorted(project.steps()) == [
        ("replace", "drawn"),
        ("replace", "logs"),
        ("replace", "one"),
    ]

    said = project.up()
    gone, made = place(said, "one deleted original"), place(said, "one created replacement")
    assert gone < made, "two cannot have the name that the program gives"
    gone, made = place(said, "drawn deleted original"), place(said, "drawn created replacement")
    assert made < gone, "where nothing stands in the way the new one comes first"
    held = {one.logical_name: one for one in project.held}
    assert len(held) == len(project.held) == 4
    assert held["logs"].inputs["resourceGroupName"] == held["two"].name
    assert held["two"].name == first["two"].name
    assert held["one"].inputs["location"] == "northeurope"
    assert len(held["drawn"].outputs["result"]) == 24
    project.up("--expect-no-changes")
    project.run("destroy", "--yes", "--skip-preview")
    assert project.held == []


def test_what_exists_already_is_imported(project: Project) -> None:
    group = project.azure.resources.create(
        "azure-native:resources:ResourceGroup",
        "made by hand",
        {"resourceGroupName": "by-hand", "location": "westeurope", "tags": {"by": "hand"}},
    )
    program = """
        group = resources.ResourceGroup("group", resource_group_name="by-hand",
            location="westeurope", tags={{"by": "hand"}},
            opts=pulumi.ResourceOptions(import_={id!r}))
        pulumi.export("tags", group.tags)
    """
    project.write(program.format(id=group.id))
    assert "1 imported" in project.up()
    project.up("--expect-no-changes")
    assert project.held == [group]
    project.write(program.format(id=group.id + "-not"))
    assert "does not exist" in project.run("up", "--yes", fails=True)


def place(text: str, words: str) -> int:
    assert words in text, text
    return text.index(words)
