"""A YAML program with resources of azure-native, which it knows by the schema of the lab."""

import json
from pathlib import Path

import pytest

from lab.azure import Azure
from lab.provider.control_server import ControlServer
from tests.support.example import Example, refuse_missing

pytestmark = pytest.mark.engine

PROGRAM = """\
name: plain-yaml
runtime: yaml
resources:
  group:
    type: azure-native:resources:ResourceGroup
    properties: {location: westeurope}
  logs:
    type: azure-native:operationalinsights:Workspace
    properties:
      resourceGroupName: ${group.name}
      retentionInDays: DAYS
      sku: {name: PerGB2018}
  drawn:
    type: random:RandomPassword
    properties: {length: 20}
outputs:
  logs: ${logs.id}
  tier: ${logs.sku.name}
  drawn: ${drawn.result}
"""


class YamlProgram(Example):
    """A program of the test's own."""

    def write(self, *changes: tuple[str, str]) -> None:
        text = PROGRAM
        for old, new in changes:
            text = text.replace(old, new)
        (self.folder / "Pulumi.yaml").write_text(text.replace("DAYS", "30"), encoding="utf-8")


@pytest.fixture
def program(tmp_path: Path, azure: Azure, control: ControlServer) -> YamlProgram:
    refuse_missing("pulumi-language-yaml")
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / "Pulumi.yaml").write_text(PROGRAM, encoding="utf-8")
    return YamlProgram(str(tmp_path / "program"), azure, control)


def test_a_yaml_program_lives_and_dies(program: YamlProgram) -> None:
    program.write()
    program.up()
    logs = next(each for each in program.azure.resources.list() if each.logical_name == "logs")
    drawn = next(each for each in program.azure.resources.list() if each.logical_name == "drawn")
    outputs = json.loads(program.run("stack", "output", "--json"))
    assert outputs == {"logs": logs.id, "tier": "PerGB2018", "drawn": "[secret]"}
    assert drawn.outputs["result"] not in program.run("stack", "export")
    program.up("--expect-no-changes")

    program.write(("DAYS", "60"))
    program.up()
    assert logs.inputs["retentionInDays"] == 60
    program.run("destroy", "--yes", "--skip-preview")
    assert program.azure.resources.list() == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("DAYS", "5", "retentionInDays 5 is not accepted; expected 30 to 730"),
        ("retentionInDays: DAYS", "retentionDays: 30", "Property retentionDays does not exist"),
        ("Workspace", "Workspaces", "unable to find resource type"),
    ],
)
def test_a_mistake_is_named(program: YamlProgram, old: str, new: str, words: str) -> None:
    program.write((old, new))
    assert words in program.run("preview", fails=True)
    assert program.azure.resources.list() == []
