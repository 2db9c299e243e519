"""Where passwords are hashed: a few threads of their own, and a door that shuts.

A hash is the dear step of a sign-in. What waits for one must neither take the threads that answer
everything else, nor wait without end, nor crowd out the pages.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar

PATIENCE_SECONDS = 2.0
MAX_WAITING = 40
_NICENESS = 5

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class Overloaded(Exception):  # noqa: N818 - it is a state, not a fault
    """More hashes are wanted than can be made in time."""


class HashRoom:
    """Runs as many hashes at once as there are cores."""

    def __init__(self) -> None:
        cores = os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(cores, "hash", initializer=_step_back)
        self._seats = threading.BoundedSemaphore(cores + MAX_WAITING)

    def run(
        self, work: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs
    ) -> _Made:
        """What the work returns or raises; Overloaded where it could not begin in time."""
        if not self._seats.acquire(blocking=False):
            raise Overloaded
        try:
            future = self._threads.submit(work, *given, **named)
            try:
                return future.result(PATIENCE_SECONDS)
            except TimeoutError:
                if future.cancel():
                    raise Overloaded from None
                return future.result()
        finally:
            self._seats.release()

    def close(self) -> None:
        """Lets what runs come to its end, and starts nothing more."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def _step_back() -> None:
    # On Linux niceness belongs to a thread: pages are answered before hashes are made.
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
