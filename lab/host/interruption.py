"""Ctrl-C, a termination, a closed terminal: each ends a run the same way, and only once.

A signal is an exception where our own code runs. Foreign asynchronous code may lose an exception
that appears in the middle of it, and then waits for ever: there the signal is handed over instead.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_received: list[int] = []
_takers: list[Callable[[], object] | None] = []
"""Who is told of a signal now; None, and nobody at all, have it raised."""


def listen() -> None:
    """From now on each of the signals is a KeyboardInterrupt, except those ignored on purpose."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    sys.unraisablehook = _lost


def _lost(what: "sys.UnraisableHookArgs") -> None:
    """A signal in a destructor: `check` raises it again, so nobody has to read of it."""
    if what.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(what)


def exit_code() -> int | None:
    """128 and the signal's number, as shells count; None when there was none."""
    return 128 + _received[0] if _received else None


def check() -> None:
    """Raises what has been swallowed: an exception inside a destructor reaches nobody."""
    if _received:
        raise KeyboardInterrupt


@contextmanager
def handed_to(taker: Callable[[], object]) -> Iterator[None]:
    """In here a signal calls `taker`, between two instructions of the main thread."""
    with _taking(taker):
        yield


@contextmanager
def raised() -> Iterator[None]:
    """In here, inside of `handed_to`, a signal is an exception all the same; at the end, too."""
    with _taking(None):
        yield
        check()


@contextmanager
def _taking(taker: Callable[[], object] | None) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _takers.append(taker)
    try:
        yield
    finally:
        _takers.pop()


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
    taker = _takers[-1] if _takers else None
    if taker is None:
        raise KeyboardInterrupt
    taker()
