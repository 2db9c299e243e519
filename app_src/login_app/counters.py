"""Counts of tries in moving windows, shared where there is a Redis for it.

Where they are kept is the setting RATE_LIMIT_STORAGE_URL: memory://, which is enough for one
instance, or rediss:// and redis://, which any number of instances share.
"""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from limits import RateLimitItem
from limits.errors import ConfigurationError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from login_app.settings import SettingsError

# Seconds. A Redis that hangs must not hold a visitor for longer; the fallback counts instead.
_REDIS_PATIENCE: dict[str, float | str] = {"socket_connect_timeout": 1, "socket_timeout": 1}
PAUSE_SECONDS = 5.0
"""How long a storage that failed is left alone."""

_LOG = logging.getLogger("login_app.counters")
_Answer = TypeVar("_Answer")


class Counters:
    """Moving windows: a fixed one would let twice the limit through around its edge."""

    def __init__(self, storage_url: str) -> None:
        """SettingsError for a storage that is not installed; one that is down is no error."""
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._faults: tuple[type[Exception], ...] = ()
        self._down_until = 0.0
        self._probe = Lock()
        if not storage_url.startswith("memory://"):
            self._open(storage_url)

    def hit(self, limit: RateLimitItem, *key: str) -> bool:
        """Counts one; False, and uncounted, where the limit is reached."""
        return self._ask(lambda windows: windows.hit(limit, *key))

    def reached(self, limit: RateLimitItem, *key: str) -> bool:
        """Whether one more would be too many; counts nothing."""
        return not self._ask(lambda windows: windows.test(limit, *key))

    def seconds_until_free(self, limit: RateLimitItem, *key: str) -> int:
        """Whole seconds until the next one is let through, at least one."""
        stats = self._ask(lambda windows: windows.get_window_stats(limit, *key))
        return max(1, int(stats.reset_time - time.time()) + 1)

    def _open(self, storage_url: str) -> None:
        patience = _REDIS_PATIENCE if storage_url.startswith(("redis://", "rediss://")) else {}
        try:
            storage = storage_from_string(storage_url, **patience)
            self._shared = MovingWindowRateLimiter(storage)
        except (ConfigurationError, ImportError) as error:
            scheme = storage_url.partition("://")[0]
            raise SettingsError(
                f"RATE_LIMIT_STORAGE_URL {scheme}://… cannot be used ({type(error).__name__}); "
                "memory://, or a storage whose client library is installed, is expected "
                "(environment variable)"
            ) from None
        faults = storage.base_exceptions
        self._faults = faults if isinstance(faults, tuple) else (faults,)

    def _ask(self, question: Callable[[MovingWindowRateLimiter], _Answer]) -> _Answer:
        """A shared storage that is down must not open the door, nor close it: we count alone."""
        if self._shared is not None and time.monotonic() >= self._down_until:
            try:
                return question(self._shared)
            except self._faults as error:
                self._leave_alone(error)
        return question(self._local)

    def _leave_alone(self, error: Exception) -> None:
        with self._probe:
            if time.monotonic() >= self._down_until:
                _LOG.error("shared limits do not answer: %s", type(error).__name__)
            self._down_until = time.monotonic() + PAUSE_SECONDS
