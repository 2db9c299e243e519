"""What somebody says of a component, the engine does with all that is in it."""

import json
from typing import Any

import pytest

from components.content.places import ROOT
from tests.support.project import Project

pytestmark = pytest.mark.engine

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from pulumi_azure_native import Provider
from components import LogStore
mine = Provider("mine", location="westeurope")
group = resources.ResourceGroup("group", location="westeurope",
    opts=pulumi.ResourceOptions(provider=mine))
"""
STORE = """
LogStore("{name}", {{"resource_group_name": group.name, "location": "westeurope"}},
    pulumi.ResourceOptions({options}))
"""
WORKSPACE = "azure-native:operationalinsights:Workspace"


def body(name: str = "", options: str = "") -> str:
    store = STORE.format(name=name, options=options) if name else ""
    return PROGRAM.format(root=str(ROOT)) + store


def children(project: Project) -> list[dict[str, Any]]:
    """What of the state is Azure's, and in the component."""
    state = json.loads(project.state())["deployment"]["resources"]
    return [
        each
        for each in state
        if each["type"].startswith("azure-native:") and "LogStore" in each["urn"]
    ]


def test_provider_protection_retention_and_old_names_reach_every_child(project: Project) -> None:
    project.write(body("logs", "provider=mine, protect=True, retain_on_delete=True"))
    project.up()
    found = children(project)
    assert len(found) > 3
    for each in found:
        assert "::mine::" in each["provider"], each["urn"]
        assert each.get("protect"), each["urn"]
        assert each.get("retainOnDelete"), each["urn"]

    project.write(body())
    assert "protect" in project.up(fails=True)

    renamed = 'provider=mine, retain_on_delete=True, aliases=[pulumi.Alias(name="logs")]'
    project.write(body("journal", renamed))
    azure = [step for step in project.steps() if step[1].startswith(("journal", "logs"))]
    assert [step for step in azure if step[0] not in ("update", "same")] == []
    before = {each.number for each in project.held if each.token == WORKSPACE}
    project.up()
    assert {each.number for each in project.held if each.token == WORKSPACE} == before

    project.write(body())
    project.up()
    left = [each for each in project.held if "LogStore" in each.urn]
    assert len(left) == len(found), "out of the state, and still in Azure"
