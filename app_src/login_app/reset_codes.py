"""One-time codes with which a user sets a new password; an operator makes and hands them over."""

import hashlib
import secrets
import time

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from login_app.schema import ResetCode
from login_app.users import Account

LIFETIME_SECONDS = 3600


class ResetCodes:
    """Makes codes and takes them, once each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(self, account: Account, *, removes_factor: bool) -> str:
        """A code that is good for an hour; the user's older ones are not any more."""
        code, now = secrets.token_urlsafe(24), int(time.time())
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(ResetCode)
                .where(ResetCode.user_id == account.id, ResetCode.used_at.is_(None))
                .values(used_at=now)
            )
            session.add(
                ResetCode(
                    code_hash=_hash(code),
                    user_id=account.id,
                    expires_at=now + LIFETIME_SECONDS,
                    removes_factor=removes_factor,
                )
            )
        return code

    def owner(self, code: str) -> int | None:
        """Whose code this is; None where it is none, or not good any more. Uses nothing up."""
        with Session(self._engine) as session:
            found = session.get(ResetCode, _hash(code))
            is_good = found and found.used_at is None and found.expires_at >= time.time()
            return found.user_id if found and is_good else None

    def take(self, code: str) -> bool | None:
        """Uses the code up: whether the second factor goes too; None where another was quicker."""
        with Session(self._engine) as session, session.begin():
            taken = session.execute(
                update(ResetCode)
                .where(ResetCode.code_hash == _hash(code), ResetCode.used_at.is_(None))
                .values(used_at=int(time.time()))
            )
            if not taken.rowcount:  # type: ignore[attr-defined]  # of a cursor's result
                return None
            return session.get_one(ResetCode, _hash(code)).removes_factor


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().encode(errors="surrogatepass")).hexdigest()
