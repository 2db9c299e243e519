"""The second factor: time-based codes of an authenticator app (RFC 6238), and recovery codes."""

import hashlib
import secrets
import time
from dataclasses import dataclass

import pyotp
import segno

from login_app.users import Account, UserStore

STEP_SECONDS = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Enrolment:
    """What the owner's app needs: the secret, and the same as a picture (SVG)."""

    secret: str
    qr_svg: str


class SecondFactors:
    """Adds, checks and removes second factors."""

    def __init__(self, users: UserStore, issuer: str) -> None:
        self._users = users
        self._issuer = issuer

    def enrol(self, account: Account, secret: str | None = None) -> Enrolment:
        """A new secret, or the picture of one that was offered before; nothing is stored."""
        chosen = secret or pyotp.random_base32()
        uri = pyotp.TOTP(chosen).provisioning_uri(name=account.username, issuer_name=self._issuer)
        picture = segno.make(uri, error="m").svg_inline(
            scale=5, border=4, dark="#000", light="#fff", omitsize=True
        )
        return Enrolment(chosen, picture)

    def add(self, account: Account, secret: str, code: str) -> list[str] | None:
        """The recovery codes, once; None where the code is not the secret's."""
        step = _step(secret, code, after=0)
        if step is None:
            return None
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        self._users.set_factor(account.id, secret, step, [_hash(each) for each in codes])
        return codes

    def remove(self, account: Account) -> None:
        """The password alone is enough again."""
        self._users.set_factor(account.id, None, 0, [])

    def accepts(self, account: Account, code: str) -> bool:
        """Whether this is a code of now, or a recovery code; each works once."""
        if len(code) > 64:
            return False
        secret, last, recovery = self._users.factor(account.id)
        if secret is None:
            return False
        step = _step(secret, code, after=last)
        if step is not None:
            return self._users.take_step(account.id, step)
        wanted = _hash(code)
        return wanted in recovery and self._users.take_recovery(account.id, wanted)


def _step(secret: str, code: str, after: int) -> int | None:
    """The time step of this code, one off either way for clocks that differ."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    now = int(time.time()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (now, now - 1, now + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _recovery_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return "-".join((text[:4], text[4:8], text[8:]))


def _hash(code: str) -> str:
    # Random texts of 59 bits need no slow hash.
    plain = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()
