"""A server program of this machine, run on loopback with its files in a folder of its own."""

import os
import pwd
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from components.limits.refusal import FailedError
from lab.host.closing import Closing
from lab.host.loopback import HOST
from lab.host.process_group import ProcessGroup

START_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.05
_SHOWN: Final = 600


class ServerError(FailedError):
    """A server that does not come up; the message ends with what it said last."""


class ServerProcess(Closing):
    """Runs as `user` where we are root and it must not be; ends, with its files, on `close`."""

    def __init__(self, name: str, user: str = "") -> None:
        self.name = name
        self._as_user, self._owner = _other_user(user)
        # Not below the run's folder, which nobody but its owner may enter.
        self.folder = Path(tempfile.mkdtemp(prefix=f"login-monitor-{name}-"))
        self.log = self.folder / "log"
        self.port = free_port()
        self._group: ProcessGroup | None = None
        self.give(self.folder)

    def give(self, path: Path) -> None:
        """Makes a file or folder the server's own, and nobody else's."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if self._owner is not None:
            os.chown(path, *self._owner)

    def run(self, command: Sequence[str]) -> None:
        """A program that prepares the server, to its end; ServerError when it fails."""
        group = self._started(command)
        code = group.wait(START_SECONDS)
        group.end()
        if code != 0:
            raise ServerError.of(f"{command[0]} failed", f"it said last:\n  {self._last_words()}")

    def start(self, command: Sequence[str], answers: Callable[[], bool]) -> None:
        """Returns once the server answers; ServerError when it does not."""
        self._group = self._started(command)
        end = time.monotonic() + START_SECONDS
        while self._group.exit_code is None and time.monotonic() < end:
            if answers():
                return
            time.sleep(_PAUSE_SECONDS)
        self.close_process()
        raise ServerError.of(f"{self.name} did not start", f"it said last:\n  {self._last_words()}")

    @property
    def running(self) -> bool:
        return self._group is not None and self._group.exit_code is None

    def close_process(self) -> None:
        """Asks for a fast end: on SIGTERM, PostgreSQL would wait for its clients."""
        group, self._group = self._group, None
        if group is not None and group.exit_code is None:
            os.kill(group.id, signal.SIGINT)
            group.wait(START_SECONDS)
        if group is not None:
            group.end()

    def close(self) -> None:
        """Ends the server and removes its files. Twice is fine."""
        self.close_process()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _started(self, command: Sequence[str]) -> ProcessGroup:
        with self.log.open("ab") as log:
            return ProcessGroup(
                [*self._as_user, *command],
                environment={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "LC_ALL": "C",
                    "TZ": "UTC",
                },
                folder=self.folder,
                stdout=log,
                stderr=log,
            )

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-_SHOWN:].strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    """Whether somebody listens on this port of the machine."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def _other_user(name: str) -> tuple[list[str], tuple[int, int] | None]:
    """How to become that user, and the user's ids; nothing where we are not root or need not."""
    if not name or os.geteuid() != 0:
        return [], None
    for candidate in (name, "nobody"):
        try:
            found = pwd.getpwnam(candidate)
        except KeyError:
            continue
        ids = ["--reuid", str(found.pw_uid), "--regid", str(found.pw_gid), "--clear-groups"]
        return ["setpriv", *ids], (found.pw_uid, found.pw_gid)
    raise ServerError.of(
        f"no user {name} or nobody on this machine", "a server must not run as root"
    )
