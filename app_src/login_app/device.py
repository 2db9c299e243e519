"""Which devices have signed in before: a signed cookie that the last success left behind.

OWASP calls them device cookies. One names a random device and the accounts that signed in there,
as keyed hashes; it proves nothing but that, and nobody is signed in by it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from flask import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "__Host-device"
LIFETIME_SECONDS = 180 * 24 * 3600
MAX_ACCOUNTS = 5


@dataclass(frozen=True)
class Device:
    """A device as its cookie tells; the marks of its accounts, the last first."""

    id: str
    marks: tuple[str, ...] = ()


class Devices:
    """Reads and writes the cookie."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.new(secret_key.encode(), b"device", hashlib.sha256).digest()
        self._serializer = URLSafeTimedSerializer(
            self._key, salt="device", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def read(self, request: Request) -> Device | None:
        """The device that sent this request; None for a stranger or a forged cookie."""
        cookie = request.cookies.get(COOKIE, "")
        if not 0 < len(cookie) < 1000:
            return None
        try:
            found = self._serializer.loads(cookie, max_age=LIFETIME_SECONDS)
            return Device(str(found["d"]), tuple(map(str, found["a"])))
        except (BadSignature, KeyError, TypeError):
            return None

    def knows(self, device: Device | None, username: str) -> bool:
        """Whether this account has signed in on this device."""
        return device is not None and self._mark(username) in device.marks

    def remember(self, response: Response, device: Device | None, username: str) -> None:
        """Sets the cookie after a sign-in."""
        mark = self._mark(username)
        before = device or Device(secrets.token_urlsafe(12))
        marks = (mark, *(other for other in before.marks if other != mark))[:MAX_ACCOUNTS]
        response.set_cookie(
            COOKIE,
            str(self._serializer.dumps({"d": before.id, "a": marks})),
            max_age=LIFETIME_SECONDS,
            secure=True,
            httponly=True,
            samesite="Strict",
            path="/",
        )

    def _mark(self, username: str) -> str:
        text = username.encode(errors="surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:20]
