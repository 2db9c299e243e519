"""The lab's time as a file, so that another process can follow it without asking."""

import mmap
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from lab.clock.ticks import EPOCH

SIZE: Final = 8


class ClockFile:
    """8 bytes: nanoseconds since 1970 as a native int64, written in one store."""

    def __init__(self, path: Path, now: datetime) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(SIZE))
        self.path = path
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)
        # A cast view stores eight aligned bytes at once: a reader never sees half of a time.
        self._cell = memoryview(self._map).cast("q")
        self.write(now)

    def write(self, now: datetime) -> None:
        self._cell[0] = (now - EPOCH) // timedelta(microseconds=1) * 1000

    def close(self) -> None:
        """Readers keep the last time that was written."""
        self._cell.release()
        self._map.close()
