"""A proof of work in place of a picture puzzle: ALTCHA's, made and checked here.

A browser needs about a second for it, without its owner doing anything, so that it keeps nobody
out who cannot see or hear; a program that tries passwords pays that second for each of them.
"""

import base64
import hashlib
import hmac
import json
import time

import altcha

from login_app.settings import Captcha
from login_app.throttle import Throttle

FIELD = "altcha"
LIFETIME_SECONDS = 600
MAX_SOLUTION_BYTES = 4096

_ALGORITHM = "PBKDF2/SHA-256"
_ITERATIONS = 3000
# One key in 256 begins with a zero byte.
_PREFIX = "00"


class Challenges:
    """Asks for work and checks that it was done, once."""

    def __init__(self, mode: Captcha, secret_key: str, throttle: Throttle) -> None:
        self._mode = mode
        self._key = hmac.new(secret_key.encode(), b"challenge", hashlib.sha256).hexdigest()
        self._throttle = throttle

    @property
    def for_everybody(self) -> bool:
        return self._mode is Captcha.ALWAYS

    def wanted(self, username: str, *, is_known_device: bool) -> bool:
        """Whether this try has to show work."""
        if self._mode is Captcha.ADAPTIVE:
            return not is_known_device and self._throttle.is_suspect(username)
        return self.for_everybody

    def make(self) -> str:
        """A challenge as JSON, for the page."""
        made = altcha.create_challenge(
            _ALGORITHM,
            _ITERATIONS,
            key_prefix=_PREFIX,
            expires_at=int(time.time()) + LIFETIME_SECONDS,
            hmac_secret=self._key,
        )
        return json.dumps(made.to_dict())

    def solved(self, solution: str) -> bool:
        """Whether this is the solution of a challenge of ours that was not used before."""
        if len(solution) > MAX_SOLUTION_BYTES:
            return False
        # Verifying derives one key, and only for what we signed.
        if not altcha.verify_solution(solution, self._key).verified:
            return False
        return self._throttle.first_use(_signature(solution))


def _signature(solution: str) -> str:
    return str(json.loads(base64.b64decode(solution))["challenge"]["signature"])
