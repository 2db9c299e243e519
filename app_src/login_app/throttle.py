"""How often an address, a device and an account may try.

An attacker pays for networks, not for addresses: IPv6 is counted by /64, and by /48 with ten
times the limit. Failures for one account first ask unknown devices for a proof of work, then
refuse them; a device that has signed in before goes on with a small limit of its own, so that
nobody can lock the owner out.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import limits
from limits import RateLimitItem

from login_app.client_address import network_of, site_of
from login_app.counters import Counters

SITE_FACTOR = 10
PER_DEVICE = tuple(limits.parse_many("10 per 15 minutes; 60 per day"))
CHALLENGE_AFTER = limits.parse("10 per 15 minutes")
LOCK_AFTER = limits.parse("100 per day")
CODES = limits.parse("5 per 15 minutes")
SIGN_OUTS = limits.parse("60 per minute")


@dataclass(frozen=True)
class Spent:
    """A limit that is used up, and when it lets the next one through."""

    retry_after: int


class Throttle:
    """The limits of one app."""

    def __init__(self, counters: Counters, per_address: str) -> None:
        self._counters = counters
        self._per_address = limits.parse_many(per_address)
        self._per_site = [
            type(limit)(limit.amount * SITE_FACTOR, limit.multiples) for limit in self._per_address
        ]

    def try_address(self, address: str | None) -> Spent | None:
        """Counts a try of an address; Spent when there were too many."""
        spent = self._try(self._per_address, "address", network_of(address))
        site = site_of(address)
        return spent or (self._try(self._per_site, "site", site) if site else None)

    def try_device(self, device: str) -> Spent | None:
        """Counts a try of a device that has signed in before."""
        return self._try(PER_DEVICE, "device", device)

    def try_sign_out(self, address: str | None) -> Spent | None:
        """Counts a sign-out of an address."""
        return self._try((SIGN_OUTS,), "sign-out", network_of(address))

    def try_code(self, username: str) -> Spent | None:
        """Counts a code of the second factor, whoever sends it."""
        return self._try((CODES,), "code", _key(username))

    def failed(self, username: str) -> None:
        """Counts a wrong password for a name, whether or not there is such a user."""
        for limit in (CHALLENGE_AFTER, LOCK_AFTER):
            self._counters.hit(limit, "account", _key(username))

    def is_suspect(self, username: str) -> bool:
        """Whether unknown devices have to work for their next try."""
        return self._counters.reached(CHALLENGE_AFTER, "account", _key(username))

    def locked(self, username: str) -> Spent | None:
        """Spent while unknown devices are refused."""
        key = ("account", _key(username))
        if not self._counters.reached(LOCK_AFTER, *key):
            return None
        return Spent(self._counters.seconds_until_free(LOCK_AFTER, *key))

    def first_use(self, signature: str) -> bool:
        """Whether a solved challenge is new; once in the ten minutes that it lives."""
        return self._counters.hit(limits.parse("1 per 15 minutes"), "challenge", _key(signature))

    def _try(self, every: Sequence[RateLimitItem], *key: str) -> Spent | None:
        for limit in every:
            if not self._counters.hit(limit, *key):
                return Spent(self._counters.seconds_until_free(limit, *key))
        return None


def _key(text: str) -> str:
    """Of one length, and of characters that every storage takes."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
