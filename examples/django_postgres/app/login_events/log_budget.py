# `make docs` makes this file of app_src/login_app/log_budget.py.
"""What refused tries may cost in log lines: the first of a minute in full, the rest as a number.

A refusal is cheap to cause. Without a budget one client that is turned away all the same fills
the log store, at its owner's cost, until the daily cap makes every alert blind.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from login_events.events import LoginEvent

IN_FULL = 60
"""Lines of one key and minute that are written as they come."""

IN_FULL_WHEN_CROWDED = 3
CROWDED = 3000
"""Lines of all keys in a minute, from which on each key gets far fewer: a botnet has many keys."""

PAUSE = timedelta(seconds=10)
"""Between two lines that stand for many tries."""

MAX_KEYS = 20_000
_MINUTE = timedelta(minutes=1)
_POLL_SECONDS = 0.25


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class _Account:
    since: datetime
    written: int = 0
    last: LoginEvent | None = None
    """The last try that was not written; its name, agent and port are those of many."""
    untold: int = 0
    told_at: datetime | None = None


class LogBudget:
    """Passes events on, one by one or as one with EventCount."""

    def __init__(
        self, write: Callable[[LoginEvent], None], now: Callable[[], datetime] = _now
    ) -> None:
        self._write = write
        self._now = now
        self._accounts: dict[Hashable, _Account] = {}
        self._minute, self._written = datetime.min.replace(tzinfo=UTC), 0
        self._turn = threading.RLock()
        self._watch: threading.Thread | None = None
        self._closed = threading.Event()

    def spend(self, key: Hashable, event: LoginEvent) -> None:
        """Writes the event, or counts it; raises OSError when a line cannot be written."""
        with self._turn:
            account = self._account(key, event.ts)
            if account.written < self._allowance(event.ts):
                account.written += 1
                self._written += 1
                self._write(event)
                return
            account.last, account.untold = event, account.untold + 1
            account.told_at = account.told_at or event.ts
            self._tell(account, event.ts)
            self._start_watch()

    def settle(self, now: datetime, *, at_once: bool = False) -> None:
        """Writes the numbers that are due, or all of them, and forgets who has been quiet."""
        with self._turn:
            for key, account in list(self._accounts.items()):
                self._tell(account, now, at_once=at_once)
                if not account.untold and _passed(account.since, now, _MINUTE):
                    del self._accounts[key]

    def close(self) -> None:
        """Writes what is left."""
        self._closed.set()
        self.settle(self._now(), at_once=True)

    def _account(self, key: Hashable, now: datetime) -> _Account:
        found = self._accounts.get(key)
        if found is None:
            if len(self._accounts) >= MAX_KEYS:
                self.settle(now, at_once=True)
                self._accounts.clear()
            found = self._accounts[key] = _Account(now)
        elif _passed(found.since, now, _MINUTE):
            found.since, found.written = now, 0
        return found

    def _allowance(self, now: datetime) -> int:
        if _passed(self._minute, now, _MINUTE):
            self._minute, self._written = now, 0
        return IN_FULL if self._written < CROWDED else IN_FULL_WHEN_CROWDED

    def _tell(self, account: _Account, now: datetime, *, at_once: bool = False) -> None:
        due = account.told_at is not None and _passed(account.told_at, now, PAUSE)
        if not account.untold or account.last is None or not (due or at_once):
            return
        event = account.last
        if account.untold > 1:
            # One name, agent or port would stand for tries that had others.
            event = replace(
                event,
                event_count=account.untold,
                target_username=None,
                http_user_agent=None,
                src_port_number=None,
            )
        self._write(event)
        account.last, account.untold, account.told_at = None, 0, now

    def _start_watch(self) -> None:
        if self._watch is None:
            self._watch = threading.Thread(target=self._keep_watch, name="log-budget", daemon=True)
            self._watch.start()

    def _keep_watch(self) -> None:
        while not self._closed.wait(_POLL_SECONDS):
            try:
                self.settle(self._now())
            except OSError:
                continue  # nobody takes lines; the numbers are kept until somebody does


def _passed(since: datetime, now: datetime, pause: timedelta) -> bool:
    """Also where the clock has been set back, and `since` lies in the future."""
    return not timedelta(0) <= now - since < pause
