"""The drift check on plans of the real CLI: a change behind its back is found, and nothing else."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine.pulumi_cli import is_installed
from pipeline import plan, teardown
from pipeline.__main__ import main
from tests.support.project import STACK, Made, Project

pytestmark = pytest.mark.engine

PROGRAM = """
    group = resources.ResourceGroup("group", location="westeurope")
    logs = operationalinsights.Workspace(
        "logs", resource_group_name=group.name, retention_in_days=30
    )
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    if not is_installed():
        pytest.skip("the Pulumi CLI is not on PATH")
    with Made(tmp_path, run_apps=False) as found:
        yield found


def preview(project: Project, file: Path) -> int:
    """As the workflow runs it: the plan is what goes to standard output."""
    options = ["preview", "--json", "--expect-no-changes", "--non-interactive"]
    with file.open("wb") as out:
        done = subprocess.run(
            project.cli.command(options, STACK),
            cwd=project.folder,
            env=project.cli.environment(STACK),
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=120,
        )
    return done.returncode


def test_a_change_behind_the_programs_back_is_drift_until_it_is_put_right(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    project.write(PROGRAM)
    project.up()
    assert preview(project, file) == 0
    assert main(["drift", str(file), "--stack", STACK]) == 0
    logs = next(one for one in project.held if "Workspace" in one.token)
    project.ask("/change", id=logs.id, inputs={"retentionInDays": 90})
    project.run("refresh", "--yes", "--skip-preview")
    assert preview(project, file) != 0
    assert main(["drift", str(file), "--stack", STACK]) == 1
    assert "`logs`" in (said := capsys.readouterr().out)
    assert "retentionInDays" in said
    project.up()
    assert preview(project, file) == 0
    assert main(["drift", str(file), "--stack", STACK]) == 0


def test_a_resource_that_is_gone_is_drift(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    project.write(PROGRAM)
    project.up()
    logs = next(one for one in project.held if "Workspace" in one.token)
    project.azure.resources.delete(logs.id)
    project.run("refresh", "--yes", "--skip-preview")
    preview(project, file)
    assert [(each.op, each.name) for each in plan.read(file).steps] == [("create", "logs")]


def test_a_teardown_reads_the_stacks_of_the_cli(project: Project) -> None:
    project.write(PROGRAM)
    project.up()
    listed = project.cli.call(["stack", "ls", "--json"], project.folder)
    assert [each["name"].rpartition("/")[2] for each in json.loads(listed)] == [STACK]
    assert teardown.chosen(listed) == []
