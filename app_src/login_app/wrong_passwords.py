"""Whether somebody tries the same wrong password again, as forgetful programs do.

Kept for an hour in this process only, under a key that ends with it; what is kept tells nobody
the password, and never leaves.
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from threading import Lock

KEPT = 10_000
_SECONDS = 3600


class WrongPasswords:
    """The last wrong password of each of the accounts that were tried last."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._last: OrderedDict[bytes, tuple[bytes, float]] = OrderedDict()
        self._turn = Lock()

    def is_same_as_before(self, username: str, password: str) -> bool:
        """Compares with the last one, and remembers this one."""
        account, tried = self._digest(username), self._digest(f"{username}\n{password}")
        now = time.time()
        with self._turn:
            before, since = self._last.pop(account, (b"", 0.0))
            self._last[account] = (tried, now)
            if len(self._last) > KEPT:
                self._last.popitem(last=False)
        return hmac.compare_digest(before, tried) and now - since < _SECONDS

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), hashlib.sha256)
