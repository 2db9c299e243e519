"""Whether a process is still there."""

import os
from contextlib import suppress
from pathlib import Path


def is_running(pid: int) -> bool:
    """One that ended counts as gone, although its parent may not have asked for its end yet."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True  # a system without /proc
    return stat.rpartition(")")[2].split()[0] != "Z"
