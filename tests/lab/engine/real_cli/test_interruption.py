"""An update that was cut off can be continued, whatever it was cut off with."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.engine

PATIENCE_SECONDS = 60


def program(started: Path, ready: Path) -> str:
    """A command that says that it has begun, and ends when somebody lets it."""
    return f"""
        group = resources.ResourceGroup("group", location="westeurope")
        logs = operationalinsights.Workspace(
            "logs", resource_group_name=group.name, retention_in_days=30)
        command.local.Command("slow",
            create="touch {started}; until test -e {ready}; do sleep 0.1; done; echo done",
            environment={{"WHERE": logs.id}})
    """


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_cut_off_update_is_continued(
    running_project: Project, tmp_path: Path, number: signal.Signals
) -> None:
    project = running_project
    started, ready = tmp_path / "started", tmp_path / "ready"
    project.write(program(started, ready))
    with project.start("up", "--yes", "--skip-preview") as process:
        until(started.exists)
        process.send_signal(number)
        if number == signal.SIGKILL:
            process.wait(PATIENCE_SECONDS)
        ready.touch()
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode != 0, said
    until(lambda: any("stdout" in one.outputs for one in project.held))

    project.up()
    held = sorted(one.logical_name for one in project.held)
    assert held == ["group", "logs", "slow"], "nothing twice, nothing left out"
    project.up("--expect-no-changes")
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    project.run("destroy", "--yes", "--skip-preview")
    assert project.held == []


def test_half_a_state_is_no_end(project: Project) -> None:
    """Killed while it wrote: the CLI keeps what it had before beside it."""
    project.write('group = resources.ResourceGroup("group", location="westeurope")\n')
    project.up()
    project.run("refresh", "--yes", "--skip-preview")
    state = project.azure.state_dir / "pulumi/state/.pulumi/stacks/demo/local.json"
    state.write_text(state.read_text()[: state.stat().st_size // 2])
    project.up("--expect-no-changes")
    state.with_name("local.json.attrs").write_text("")
    project.up("--expect-no-changes")


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
