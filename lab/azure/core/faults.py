"""What Azure does to a subscription that is none of its fault: nothing, until somebody says so."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lab.azure.core.subscription import Subscription


@dataclass(frozen=True)
class HttpRefusal:
    """A passing answer of a door; whoever comes again before `retry_after_s` gets another one."""

    status: int
    retry_after_s: float = 0.0


@dataclass
class Faults:
    """Of one subscription. Times of people who wait are real seconds: they wait in real time."""

    azure: Subscription
    role_lag_s: float = 0.0
    """Until a new role assignment counts (Azure: up to ten minutes)."""
    build_s: float = 0.0
    """That a build takes longer."""
    kudu: list[HttpRefusal] = field(default_factory=list)
    """Answers to the next packages, in order."""
    management: list[HttpRefusal] = field(default_factory=list)
    """Answers to the next questions at management.azure.com."""
    busy: Counter[str] = field(default_factory=Counter)
    """How many of the next writes of a type meet another operation (409), by Pulumi's token."""
    subnet_hold: timedelta = timedelta(0)
    """Lab time that a subnet is in use after the last app or server in it has gone."""
    _held: dict[str, datetime] = field(default_factory=dict)

    def left(self, subnet: object) -> None:
        """Something in this subnet (an id, or nothing) was deleted."""
        if subnet and self.subnet_hold:
            self._held[str(subnet).lower()] = self.azure.clock.now + self.subnet_hold

    def held(self, network: str) -> str:
        """The subnet of a network that is still in use; '' for none."""
        now = self.azure.clock.now
        inside = f"{network.lower()}/subnets/"
        names = (name for name, end in self._held.items() if name.startswith(inside) and now < end)
        return next(names, "").rpartition("/")[2]

    def is_busy(self, token: str) -> bool:
        """Whether this write meets another operation; each is met once."""
        if self.busy[token] <= 0:
            return False
        self.busy[token] -= 1
        return True


class Turnstile:
    """Hands out the refusals of a door one by one, and counts those who do not wait."""

    def __init__(self, refusals: list[HttpRefusal], now: Callable[[], float]) -> None:
        self._refusals = refusals
        self._now = now
        self._open_at = 0.0
        self._last = HttpRefusal(429)
        self.impatient = 0

    def refusal(self) -> HttpRefusal | None:
        """What this one is answered; None lets it in."""
        now = self._now()
        if now < self._open_at:
            self.impatient += 1
            return self._last
        if not self._refusals:
            return None
        self._last = self._refusals.pop(0)
        self._open_at = now + self._last.retry_after_s
        return self._last
