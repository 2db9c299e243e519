"""`python -m lab start|status|stop`: the lab in the background."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.content.places import ROOT
from lab.background.folder import LiveFolder
from lab.host.lab_folder import VARIABLE
from lab.host.process_id import is_running
from lab.provider.control_file import ControlFile


class Lab:
    """The command line, with a folder of the test's own for everything."""

    def __init__(self, folder: Path) -> None:
        self.live = LiveFolder(folder / "live")
        self._environment = os.environ | {VARIABLE: str(folder)}

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "lab", *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def status(self) -> Any:
        return json.loads(self("status", "--json"))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path / "state")
    yield made
    made("stop")


def test_a_lab_stays_until_it_is_stopped(lab: Lab) -> None:
    assert "the lab is up" in lab("start", "--speed", "60")
    control = ControlFile.read(lab.live.control)
    assert control is not None
    assert "up already" in lab("start")
    found = lab.status()
    assert (found["running"], found["resources"], found["alerts"]) == (True, [], [])
    assert found["speed"] == 60
    assert oct(lab.live.path.stat().st_mode)[-3:] == "700"
    assert "stopped" in lab("stop")
    assert not is_running(control.pid)
    assert lab.status() == {"running": False, "resources": [], "alerts": []}


def test_stopping_nothing_is_no_mistake(lab: Lab) -> None:
    assert lab("stop") == "no lab is running\n"
    assert "no lab is running" in lab("status")


def test_what_a_killed_lab_left_behind_is_no_lab(lab: Lab) -> None:
    lab("start")
    control = ControlFile.read(lab.live.control)
    assert control is not None
    os.kill(control.pid, signal.SIGKILL)
    assert lab.live.control.exists()
    assert lab("stop") == "no lab is running\n"
    control.write(lab.live.control)
    assert lab.status()["running"] is False
    assert "the lab is up" in lab("start")
    assert lab.status()["running"] is True
