"""The rehearsal comes to the same verdict, whichever engine ran the program."""

from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine.deploy_error import DeployError
from lab.engine.in_process import deploy
from lab.engine.real_cli import complaints
from lab.engine.real_cli import deploy as deploy_with_cli
from lab.rehearsal.rehearsal import START, Options, Rehearsal
from tests.support.project import Project

pytestmark = pytest.mark.engine


def test_both_engines_come_to_one_verdict(tmp_path: Path) -> None:
    found = {}
    for engine in ("inprocess", "pulumi"):
        options = Options(
            state=tmp_path / engine,
            engine=engine,
            only=("client_error_burst",),
            hours=0.5,
            config={"detections": '["client_error_burst"]'},
        )
        with Rehearsal(options) as rehearsal:
            found[engine] = rehearsal.run().as_json()
    ours, theirs = found["inprocess"], found["pulumi"]
    assert (ours.pop("engine"), theirs.pop("engine")) == ("inprocess", "pulumi")
    assert comparable(theirs) == comparable(ours)


def comparable(report: Any) -> Any:
    # How often a publisher looks whether the app is up, and so its rows, is up to the machine.
    varying = ("rows", "wall_s")
    figures = {key: value for key, value in report["figures"].items() if key not in varying}
    resources = sorted((each["type"], each["id"]) for each in report["resources"])
    # What a row costs follows how many there were; what is paid for does not.
    paid = sorted(
        (each["type"], each["resource"], each["item"]) for each in report["cost"]["lines"]
    )
    return {**report, "figures": figures, "resources": resources, "cost": paid}


def test_both_engines_deploy_the_same(project: Project, tmp_path: Path) -> None:
    project.write("""
        class Part(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("demo:index:Part", name)
                self.group = resources.ResourceGroup(f"{name}-group", location="westeurope",
                    opts=pulumi.ResourceOptions(parent=self))
                self.register_outputs({})

        part = Part("part")
        logs = operationalinsights.Workspace("logs", resource_group_name=part.group.name)
        pulumi.export("id", pulumi.Output.secret(logs.id))
    """)
    found = []
    for number, engine in enumerate((deploy, deploy_with_cli)):
        with Azure(Clock(START), state_dir=tmp_path / str(number), run_apps=False) as azure:
            found.append(engine(project.folder, "local", azure, {"password": "x" * 20}))
    ours, theirs = found
    assert theirs.outputs == ours.outputs
    assert theirs.secret_outputs == ours.secret_outputs == {"id"}
    assert [(one.token, one.logical_name) for one in theirs.components] == [
        (one.token, one.logical_name) for one in ours.components
    ]
    assert [(one.urn, one.id, one.parent) for one in theirs.resources] == [
        (one.urn, one.id, one.parent) for one in ours.resources
    ]


def test_a_refusal_has_the_same_words_with_both_engines(project: Project, tmp_path: Path) -> None:
    project.write("""
        group = resources.ResourceGroup("group", location="westeurope")
        operationalinsights.Workspace("logs", resource_group_name=group.name, retention_in_days=5)
        operationalinsights.Workspace("more", resource_group_name=group.name, retention_in_days=6)
    """)
    found = []
    for number, engine in enumerate((deploy, deploy_with_cli)):
        with (
            Azure(Clock(START), state_dir=tmp_path / str(number), run_apps=False) as azure,
            pytest.raises(DeployError) as caught,
        ):
            engine(project.folder, "local", azure, {"password": "x" * 20})
        found.append(str(caught.value))
    assert found[0] == found[1]
    assert "Workspace logs: retentionInDays 5" in found[0]
    assert "Workspace more: retentionInDays 6" in found[0], "all that is wrong, not the first of it"


def test_complaints_are_what_the_program_got_wrong() -> None:
    said = (
        "Updating (local):\n\nDiagnostics:\n  pulumi:pulumi:Stack (demo-local):\n"
        "    warning: using pulumi-resource-random from $PATH at /x/pulumi-resource-random\n\n"
        "    error: settings cannot work\n\n"
        '    Traceback (most recent call last):\n      File "x", line 1\n    KeyboardInterrupt\n'
        "\nResources:\n    1 errored\n"
    )
    assert complaints(said) == "pulumi:pulumi:Stack (demo-local):\n  error: settings cannot work"
