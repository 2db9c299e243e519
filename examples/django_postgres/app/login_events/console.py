# `make docs` makes this file of app_src/login_app/console.py.
"""Standard output, which belongs to the login events: one line, one write."""

import os
import select
from threading import Lock

PATIENCE_SECONDS = 2.0
_STDOUT = 1


class Console:
    """A descriptor that takes lines, or says within seconds that it does not."""

    def __init__(self, descriptor: int = _STDOUT) -> None:
        self._descriptor = descriptor
        self._one_writer = Lock()
        self._stalled = False

    def write_line(self, line: str) -> None:
        """Hands the line to the system before it returns; raises OSError when nobody takes it.

        Not print: its buffer could hold the line back, or split it between two threads. A pipe
        that nobody reads would hold the writer, and everybody who waits for it, for ever.
        """
        patience = 0.0 if self._stalled else PATIENCE_SECONDS
        if not self._one_writer.acquire(timeout=PATIENCE_SECONDS):
            raise TimeoutError("standard output is not taken")
        try:
            self._write(f"{line}\n".encode(), patience)
        finally:
            self._one_writer.release()

    def _write(self, rest: bytes, patience: float) -> None:
        # Ready means room for PIPE_BUF bytes, so that a line goes in one piece or not at all.
        while rest:
            poll = select.poll()
            poll.register(self._descriptor, select.POLLOUT)
            self._stalled = not poll.poll(patience * 1000)
            if self._stalled:
                raise TimeoutError("standard output is not taken")
            rest = rest[os.write(self._descriptor, rest) :]
