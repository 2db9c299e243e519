"""What a process writes to stdout and stderr, as lines."""

import os
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

from lab.host.loopback import Loopback

LINE_LIMIT: Final = 16 * 1024
"""Longer lines are split: seen on Functions Linux and Container Apps (azure-functions-host 5263);
for App Service UNCONFIRMED."""

CHUNK: Final = 1 << 16
FORGET_AFTER: Final = 200


class Line(NamedTuple):
    """`level` as in AppServiceConsoleLogs: Informational for stdout, Error for stderr."""

    level: str
    text: str


class _Pipe:
    """One stream: bytes in, complete lines out."""

    def __init__(self, level: str) -> None:
        self.level = level
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        self.ended = False
        self._rest = b""

    def pump(self) -> list[Line]:
        """Everything that is in the pipe now; a line without its newline waits for it."""
        while not self.ended:
            try:
                chunk = os.read(self.read_end, CHUNK)
            except BlockingIOError:
                break
            self.ended = not chunk
            self._rest += chunk
        *complete, self._rest = self._rest.split(b"\n")
        return [line for raw in complete for line in self._lines(raw)]

    def flush(self) -> list[Line]:
        """The last words of a process that did not end them with a newline."""
        rest, self._rest = self._rest, b""
        return self._lines(rest) if rest else []

    def _lines(self, raw: bytes) -> list[Line]:
        starts = range(0, max(len(raw), 1), LINE_LIMIT)
        parts = (raw[start : start + LINE_LIMIT] for start in starts)
        return [Line(self.level, part.decode("utf-8", "replace").rstrip("\r")) for part in parts]


class Console:
    """Reads while nobody asks, so that no pipe fills up, and completely when somebody does.

    Both ways go through one lock: whatever was written before `take` is called is in its answer.
    """

    def __init__(self, loopback: Loopback) -> None:
        self._loopback = loopback
        self._lock = threading.Lock()
        self._lines: list[Line] = []
        self._last: list[Line] = []
        self._pipes = [_Pipe("Informational"), _Pipe("Error")]
        for pipe in self._pipes:
            loopback.watch(pipe.read_end, self._reader(pipe))

    @property
    def stdout(self) -> int:
        """The descriptor for the child process; likewise `stderr`."""
        return self._pipes[0].write_end

    @property
    def stderr(self) -> int:
        return self._pipes[1].write_end

    def hand_over(self) -> None:
        """The child has its ends now; ours would keep the pipes open for ever."""
        for pipe in self._pipes:
            os.close(pipe.write_end)

    def take(self) -> list[Line]:
        """The complete lines written since the last call."""
        with self._lock:
            for pipe in self._pipes:
                self._lines += pipe.pump()
            taken, self._lines = self._lines, []
            self._last = [*self._last, *taken][-FORGET_AFTER:]
            return taken

    def last(self, count: int) -> list[str]:
        """The last lines that were taken, oldest first, without empty ones."""
        with self._lock:
            return [line.text for line in self._last if line.text.strip()][-count:]

    def close(self) -> list[Line]:
        """The remaining lines, the unfinished last one too; the descriptors are closed."""
        for pipe in self._pipes:
            self._loopback.unwatch(pipe.read_end)
        taken = self.take()
        with self._lock:
            unfinished = [line for pipe in self._pipes for line in pipe.flush()]
            self._last = [*self._last, *unfinished][-FORGET_AFTER:]
            for pipe in self._pipes:
                pipe.ended = True
                os.close(pipe.read_end)
        return taken + unfinished

    def _reader(self, pipe: _Pipe) -> Callable[[], None]:
        def readable() -> None:
            with self._lock:
                self._lines += pipe.pump()
            if pipe.ended:
                self._loopback.loop.remove_reader(pipe.read_end)

        return readable
