"""The folder of a run: emptied at its start, kept for questions after it, used by one at a time."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BusyError(Exception):
    """Another run is using the folder."""


@contextmanager
def fresh(folder: Path) -> Iterator[Path]:
    """An empty folder that is ours until the end; BusyError while it is somebody else's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"another rehearsal is using {folder}; wait for its end, or end it"
            ) from None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder
