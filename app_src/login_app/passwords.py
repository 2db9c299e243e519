"""Passwords: their hashes, which ones a person may choose, and which ones the world knows."""

import logging
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from login_app.settings import MIN_PASSWORD_LENGTH, HashCost

MAX_JUDGED = 72
"""How much of a password is judged; the estimate takes time that grows faster than its length."""

MIN_SCORE = 3
"""Of zxcvbn's 0 to 4: beyond what a stolen hash gives away in months."""

_COMMON = frozenset(FREQUENCY_LISTS["passwords"])
_LOG = logging.getLogger("login_app.passwords")


class Passwords:
    """Makes and checks hashes at one cost."""

    def __init__(self, cost: HashCost) -> None:
        self._hasher = PasswordHasher(
            memory_cost=cost.memory_kib, time_cost=cost.passes, parallelism=1
        )
        # Somebody who does not exist is checked against this, so that it takes as long.
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        return self._hasher.hash(_encoded(password))

    def fits(self, stored: str | None, password: str) -> bool:
        """Whether this is the password; exactly one hash, whoever is asked for."""
        try:
            return self._hasher.verify(stored or self._nobodys, _encoded(password)) and bool(stored)
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError) as error:
            # A hash of another kind: nobody gets in by it, and nobody can tell from outside.
            _LOG.error("a stored hash cannot be used: %s", type(error).__name__)
            return self._hash_for_nothing(password)

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made at another cost."""
        return self._hasher.check_needs_rehash(stored)

    def _hash_for_nothing(self, password: str) -> bool:
        self.fits(None, password)
        return False


def objection(password: str, username: str) -> str | None:
    """Why a new password will not do, in words for its owner; None where it does."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return (
            f"Please take at least {MIN_PASSWORD_LENGTH} characters; four words are a good start."
        )
    if is_known(password):
        return "This password is among the commonest in the world, and is tried first."
    found = zxcvbn(password[:MAX_JUDGED], [*username.split("."), username, "login"])
    if found["score"] < MIN_SCORE:
        advice = " ".join([found["feedback"]["warning"], *found["feedback"]["suggestions"]])
        return f"This password can be guessed. {advice}".strip()
    return None


def is_known(password: str) -> bool:
    """Whether it is one of the 30,000 commonest of leaked passwords, however it is capitalised."""
    return password.lower() in _COMMON


def _encoded(password: str) -> bytes:
    # One spelling whatever the keyboard; cut before, since normalising is quadratic in marks.
    normal = unicodedata.normalize("NFC", password) if len(password) <= 256 else password
    return normal.encode(errors="surrogatepass")
