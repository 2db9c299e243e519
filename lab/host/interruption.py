"""Ctrl-C, a termination, a closed terminal: each ends a run the same way, and only once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_received: list[int] = []


def listen() -> None:
    """From now on each of the signals is a KeyboardInterrupt, except those ignored on purpose."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def exit_code() -> int | None:
    """128 and the signal's number, as shells count; None when there was none."""
    return 128 + _received[0] if _received else None


@contextmanager
def undisturbed() -> Iterator[None]:
    """What ends processes must not be ended half-way: a second Ctrl-C is not heard in here."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    raise KeyboardInterrupt
