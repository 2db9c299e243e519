"""components/ as the real CLI sees it: a package that any program can add."""

import json
from pathlib import Path

import pytest
import yaml

from components import package
from components.content.places import ROOT
from lab.azure import Azure
from lab.provider.control_server import ControlServer
from tests.support.example import Example, refuse_missing

pytestmark = pytest.mark.engine


def test_a_program_adds_the_package(tmp_path: Path, azure: Azure, control: ControlServer) -> None:
    refuse_missing("pulumi-language-yaml")
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: adding\nruntime: yaml\n", encoding="utf-8")
    program = Example(str(folder), azure, control)
    program.install(str(ROOT / "components"))
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    ((name, source),) = project["packages"].items()
    assert name == package.NAME
    assert (folder / source).resolve() == ROOT / "components"

    said = program.run("package", "get-schema", str(ROOT / "components"))
    told = json.loads(said[said.index("{\n") :])
    assert told["version"] == package.VERSION
    assert told["resources"].keys() == package.schema()["resources"].keys()
    alerts = told["resources"][f"{package.NAME}:index:AlertRouting"]
    assert alerts["requiredInputs"] == ["alertEmails", "resourceGroupName"]
