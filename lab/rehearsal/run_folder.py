"""The folder of a run: emptied at its start, kept for questions after it, used by one at a time."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.limits.refusal import RefusedError


@contextmanager
def fresh(folder: Path) -> Iterator[Path]:
    """An empty folder that is ours until the end; RefusedError while it is somebody else's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RefusedError.of(
                f"another rehearsal is using {folder}", "wait for its end, or end it"
            ) from None
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        _mark(folder).touch()
        yield folder


def finish(folder: Path) -> None:
    """The run has come to its end: its rows are those of a whole one."""
    _mark(folder).unlink(missing_ok=True)


def is_finished(folder: Path) -> bool:
    """Whether the run came to its end."""
    return not _mark(folder).exists()


def _mark(folder: Path) -> Path:
    return folder / "unfinished"
