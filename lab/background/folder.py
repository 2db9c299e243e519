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
from components.limits.refusal import FailedError
from lab.host.lab_folder import lab_folder
from lab.host.private_file import private_folder
from lab.host.process_id import is_running
from lab.provider.control_file import ControlFile, UnreachableError

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 30.0
PAUSE_SECONDS: Final = 0.05


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
    def control(self) -> Path:
        return self.path / "control.json"

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

    def find(self) -> ControlFile | None:
        """How to reach the running lab; what a killed one left behind counts for nothing."""
        control = ControlFile.read(self.control)
        if control is None:
            return None
        try:
            control.ask("/ping", timeout=START_SECONDS)
        except UnreachableError:
            return None
        return control

    def start(self, speed: float) -> tuple[ControlFile, bool]:
        """How to reach the lab, and whether a new lab was started for it."""
        private_folder(self.path.parent)
        with self._one_at_a_time():
            control = self.find()
            if control is not None:
                return control, False
            return self._start(speed), True

    def stop(self) -> bool:
        """Whether there was one; returns when it is gone with all its processes."""
        control = self.find()
        if control is None:
            self.control.unlink(missing_ok=True)
            return False
        with suppress(UnreachableError):
            control.ask("/stop", timeout=STOP_SECONDS)
        end = time.monotonic() + STOP_SECONDS
        while is_running(control.pid):
            if time.monotonic() > end:
                os.kill(control.pid, signal.SIGKILL)
                raise FailedError.of(f"the lab (process {control.pid}) did not end and was killed")
            time.sleep(PAUSE_SECONDS)
        return True

    def _start(self, speed: float) -> ControlFile:
        self.control.unlink(missing_ok=True)
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
            control = ControlFile.read(self.control)
            if control is not None and control.pid == process.pid:
                return control
            time.sleep(PAUSE_SECONDS)
        process.kill()
        said = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise FailedError.of(
            "the lab did not start", f"its log ends with: {said[-1:]} ({self.log})"
        )

    @contextmanager
    def _one_at_a_time(self) -> Iterator[Any]:
        with self.path.with_name("live.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
