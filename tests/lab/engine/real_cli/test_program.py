"""A program's life under the real engine: preview, up, up, refresh, destroy."""

import json
from pathlib import Path

import pytest

from tests.support.project import PASSWORD, Project

pytestmark = pytest.mark.engine

PROGRAM = """
    password = pulumi.Config().require_secret("password")
    group = resources.ResourceGroup("group", location="westeurope")
    logs = operationalinsights.Workspace(
        "logs", resource_group_name=group.name, retention_in_days=30, tags={"owner": password}
    )
    drawn = random.RandomPassword("drawn", length=20)
    pulumi.export("id", logs.id)
    pulumi.export("where", logs.location)
    pulumi.export("drawn", drawn.result)
"""


def test_a_program_lives_and_dies_as_in_azure(project: Project) -> None:
    project.write(PROGRAM)
    preview = project.run("preview")
    assert "4 to create" in preview
    assert project.held == [], "a preview makes nothing"

    project.up()
    group, logs = (one for one in project.held if one.token.startswith("azure-native:"))
    assert logs.inputs["resourceGroupName"] == group.name
    assert logs.inputs["tags"] == {"owner": PASSWORD}
    drawn = next(one for one in project.held if one.token.startswith("random:"))

    state = project.state()
    assert PASSWORD not in state
    assert drawn.outputs["result"] not in state
    outputs = json.loads(state)["deployment"]["resources"][0]["outputs"]
    assert (outputs["id"], outputs["where"]) == (logs.id, "westeurope")

    project.up("--expect-no-changes")
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert logs.name in [one.name for one in project.held], "a name is kept"

    project.run("destroy", "--yes", "--skip-preview")
    assert project.held == []


def test_what_changes_behind_pulumis_back_is_seen_and_put_right(project: Project) -> None:
    project.write(PROGRAM)
    project.up()
    logs = next(one for one in project.held if "Workspace" in one.token)
    project.ask("/change", id=logs.id, inputs={"retentionInDays": 90})
    said = project.run("refresh", "--yes", "--skip-preview", "--diff")
    assert "~ retentionInDays: 30 => 90" in said
    assert PASSWORD not in project.state()
    assert project.steps() == [("update", "logs")]
    project.up()
    assert logs.inputs["retentionInDays"] == 30

    project.ask("/delete", id=logs.id)
    assert "1 deleted" in project.run("refresh", "--yes", "--skip-preview")
    project.up()
    assert [one.name for one in project.held if "Workspace" in one.token] == [logs.name]


def test_everything_of_the_cli_is_for_its_user_only(project: Project) -> None:
    project.write("pulumi.export('nothing', 1)\n")
    project.up()
    folders = [path for path in (project.azure.state_dir / "pulumi").iterdir() if path.is_dir()]
    assert {oct(path.stat().st_mode)[-3:] for path in folders} == {"700"}
    files = [Path(project.control.file), *(project.azure.state_dir / "pulumi").glob("pass*")]
    assert [oct(path.stat().st_mode)[-3:] for path in files] == ["600", "600"]
    copy = project.cli.config_file("local").read_text()
    assert "secure:" in copy
    assert PASSWORD not in copy
    assert not (project.folder / "Pulumi.local.yaml").exists(), "the project stays as it was"
