"""A process that ends a process group when whoever started it is gone, be it by SIGKILL."""

import contextlib
import os
import subprocess
import threading
from typing import Final

GRACE_SECONDS: Final = 5
_SCRIPT: Final = (
    "trap '' INT TERM HUP; read -r word && exit 0; "
    f'kill -s TERM -- "-$1" && sleep {GRACE_SECONDS} && kill -s KILL -- "-$1"'
)
"""`read` fails at the end of the pipe: the only one who held its other end has died."""


class Watcher:
    """Lives as long as the group; `leave` sends it away once the group is empty."""

    def __init__(self, group_id: int) -> None:
        self._lock = threading.Lock()
        end, self._ours = os.pipe()  # neither is inherited by any other child
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                ["/bin/sh", "-c", _SCRIPT, "watcher", str(group_id)],
                cwd="/",
                env={"PATH": "/usr/bin:/bin"},
                stdin=end,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._ours)
            raise
        finally:
            os.close(end)

    def leave(self) -> None:
        """From now on the group's id may be somebody else's. Twice is fine."""
        with self._lock:  # a group is ended by its supervisor and by its owner, at the same time
            if self._process.returncode is None:
                with contextlib.suppress(BrokenPipeError):
                    os.write(self._ours, b"over\n")
                os.close(self._ours)
                self._process.wait()
