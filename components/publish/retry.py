"""Waiting with an end: short steps first, longer ones later, and a message when time is up."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from components.limits.refusal import FailedError

_FIRST_STEP, _LAST_STEP, _GROWTH = 0.25, 5.0, 1.5


@dataclass
class Retry:
    """One deadline for a piece of work, in seconds from its first use of the clock."""

    seconds: float
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _step: float = field(default=_FIRST_STEP, init=False)
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = self.now() + self.seconds

    def wait(self, what: str, seen: str, at_least: float = 0.0) -> None:
        """Sleep one step, or as long as the other side asks for; FailedError at the end."""
        left = self._end - self.now()
        if left <= 0:
            raise FailedError.of(f"{what} within {self.seconds:g} s", f"last answer: {seen}")
        self.sleep(min(max(self._step, at_least), left))
        self._step = min(self._step * _GROWTH, _LAST_STEP)
