"""Standard output, which belongs to the login events: one line, one write."""

import os
from threading import Lock

_STDOUT = 1
_one_writer = Lock()


def write_line(line: str) -> None:
    """Hands the line to the system before it returns; raises OSError when nobody takes it.

    Not print: its buffer could hold the line back, or split it between two threads.
    """
    rest = f"{line}\n".encode()
    with _one_writer:
        while rest:
            rest = rest[os.write(_STDOUT, rest) :]
