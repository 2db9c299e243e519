"""Drives the lab's clock along with the real one, so many times faster."""

import threading
import time
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Final

from lab.clock.clock import Clock

BEAT_SECONDS: Final = 0.2


class LiveClock:
    """`turn` is held while the clock moves: what it calls may touch all of the lab."""

    def __init__(self, clock: Clock, speed: float, turn: AbstractContextManager[Any]) -> None:
        if not speed > 0:
            raise ValueError(f"speed {speed:g} stops the clock; expected more than 0")
        self.clock = clock
        self.speed = speed
        self._turn = turn

    def run(self, ending: threading.Event) -> None:
        """Until `ending` is set. What took too long is caught up with at the next beat."""
        start, began = self.clock.now, time.monotonic()
        while not ending.wait(BEAT_SECONDS):
            passed = timedelta(seconds=(time.monotonic() - began) * self.speed)
            with self._turn:
                self.clock.run_until(start + passed)
