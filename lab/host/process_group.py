"""Child processes that end together with whoever started them."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import psutil

from lab.host.process_id import is_running
from lab.host.watcher import Watcher

GRACE_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 0.01

Stream = int | IO[Any] | None


class ProcessGroup:
    """A process and all its children, in a session of their own: Ctrl-C is ours to handle."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        stdin: Stream = subprocess.DEVNULL,
        stdout: Stream = None,
        stderr: Stream = None,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - what runs is the stack's own command
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        self._known_gone = False
        try:
            self._watcher = Watcher(self.id)
        except BaseException:
            self._signal(signal.SIGKILL)
            raise

    @property
    def id(self) -> int:
        """The group's id, which is the id of its first process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Of the first process; negative for a signal, None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code, or None when the time is over."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """As `kill -9` by somebody else; `end` is still to be called."""
        if not self._known_gone:
            self._signal(signal.SIGKILL)

    def end(self, grace: float = GRACE_SECONDS) -> int | None:
        """Asks the group to end, kills what is left of it, and waits until nobody is."""
        if not self._gone(0):
            self._signal(signal.SIGTERM)
            if not self._gone(grace):
                self._signal(signal.SIGKILL)
                self._gone(GRACE_SECONDS)
        return self._process.poll()

    def _gone(self, seconds: float) -> bool:
        """Whether the group is empty, at the latest after `seconds`.

        The first process is often a shell that ends before its children do.
        """
        end = time.monotonic() + seconds
        while not self._known_gone:
            self._process.poll()
            self._known_gone = not self._signal(0) or self._only_zombies()
            if self._known_gone:
                self._watcher.leave()
            if self._known_gone or time.monotonic() >= end:
                break
            time.sleep(PAUSE_SECONDS)
        return self._known_gone

    def _only_zombies(self) -> bool:
        """Orphans that init has not collected yet (it may take seconds, or never in a container);
        they run and hold nothing."""
        members = [pid for pid in psutil.pids() if _group_of(pid) == self.id]
        return bool(members) and not any(map(is_running, members))

    def _signal(self, number: int) -> bool:
        """Whether there was somebody to get it. A group once gone is never asked again: its id
        may be somebody else's by then."""
        try:
            os.killpg(self.id, number)
        except (ProcessLookupError, PermissionError):
            return False  # macOS says it in the second way
        return True


def _group_of(pid: int) -> int | None:
    """None when the process is gone."""
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None
