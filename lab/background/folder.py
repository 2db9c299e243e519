"""Where the lab that stays keeps its things, and whether one is running."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from components.content.places import ROOT
from lab.engine.deploy_error import DeployError
from lab.host.lab_folder import lab_folder
from lab.host.private_file import private_folder
from lab.host.process_id import is_running
from lab.provider.control_file import DoorFile, NoDoorError

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 30.0
PAUSE_SECONDS: Final = 0.05


class LabError(DeployError):
    """The background lab did not come up, or did not go."""


@dataclass(frozen=True)
class LiveFolder:
    """All of it is for the user's eyes only."""

    path: Path

    @classmethod
    def usual(cls) -> "LiveFolder":
        """`.lab/live` beside the program, or below the folder that LOGIN_MONITOR_LAB names."""
        state = lab_folder()
        private_folder(state)
        return cls(state / "live")

    @property
    def door(self) -> Path:
        return self.path / "door.json"

    @property
    def users(self) -> Path:
        """Users and passwords that the lab made up for the app."""
        return self.path / "users.json"

    @property
    def pulumi(self) -> Path:
        return self.path / "pulumi"

    @property
    def log(self) -> Path:
        """Beside the folder: it is there before the lab is."""
        return self.path.with_name(f"{self.path.name}.log")

    def find(self) -> DoorFile | None:
        """The door of the running lab; a file that a killed one left behind counts for nothing."""
        door = DoorFile.read(self.door)
        if door is None:
            return None
        try:
            door.ask("/ping", timeout=START_SECONDS)
        except NoDoorError:
            return None
        return door

    def start(self, speed: float) -> tuple[DoorFile, bool]:
        """The door, and whether a new lab was started for it."""
        private_folder(self.path.parent)
        with self._one_at_a_time():
            door = self.find()
            if door is not None:
                return door, False
            return self._start(speed), True

    def stop(self) -> bool:
        """Whether there was one; returns when it is gone with all its processes."""
        door = self.find()
        if door is None:
            self.door.unlink(missing_ok=True)
            return False
        with suppress(NoDoorError):
            door.ask("/stop", timeout=STOP_SECONDS)
        end = time.monotonic() + STOP_SECONDS
        while is_running(door.pid):
            if time.monotonic() > end:
                os.kill(door.pid, signal.SIGKILL)
                raise LabError(f"the lab (process {door.pid}) did not end and was killed")
            time.sleep(PAUSE_SECONDS)
        return True

    def _start(self, speed: float) -> DoorFile:
        self.door.unlink(missing_ok=True)
        command = [sys.executable, "-P", "-m", "lab.background.live", str(self.path.resolve())]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with self.log.open("wb") as log:
            self.log.chmod(0o600)
            process = subprocess.Popen(  # noqa: S603 - this Python, this package
                [*command, "--speed", str(speed)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < end:
            door = DoorFile.read(self.door)
            if door is not None and door.pid == process.pid:
                return door
            time.sleep(PAUSE_SECONDS)
        process.kill()
        said = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise LabError(f"the lab did not start; its log ends with: {said[-1:]} ({self.log})")

    @contextmanager
    def _one_at_a_time(self) -> Iterator[Any]:
        with self.path.with_name("live.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
