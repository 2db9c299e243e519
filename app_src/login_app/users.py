"""The users: who exists, whether a password is theirs, and what is done to an account."""

import logging
import time
from dataclasses import dataclass

from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from login_app.passwords import Passwords
from login_app.schema import User
from login_app.settings import MAX_USERNAME_LENGTH

_LOG = logging.getLogger("login_app.users")


@dataclass(frozen=True)
class Account:
    """A user as the rest of the app sees one: no hash, no secret."""

    id: int
    username: str
    must_change: bool = False
    has_factor: bool = False
    is_disabled: bool = False
    password_set_at: int = 0
    recovery_codes_left: int = 0


@dataclass(frozen=True)
class Verification:
    """account: who was asked for, if there is one; for the log, and never for the visitor."""

    account: Account | None
    is_right: bool


class UserStore:
    """Users in a database, under their canonical names."""

    def __init__(self, engine: Engine, passwords: Passwords) -> None:
        self._engine = engine
        self._passwords = passwords

    def verify(self, username: str, password: str) -> Verification:
        """Always exactly one hash verification, whoever is asked for."""
        user = self._find(username)
        is_right = self._passwords.fits(user.password_hash if user else None, password)
        if user is None:
            return Verification(None, is_right=False)
        if is_right and self._passwords.is_outdated(user.password_hash):
            self._rehash(user, password)
        return Verification(_account(user), is_right)

    def get(self, user_id: object) -> Account | None:
        """The account with this id, as it stands in a session."""
        if not isinstance(user_id, int):
            return None
        with Session(self._engine) as session:
            user = session.get(User, user_id)
            return _account(user) if user else None

    def find(self, username: str) -> Account | None:
        """The account of this name."""
        user = self._find(username)
        return _account(user) if user else None

    def set_password(self, user_id: int, password_hash: str) -> None:
        """A password that its owner has chosen, hashed already."""
        self._change(
            user_id,
            password_hash=password_hash,
            password_set_at=int(time.time()),
            must_change=False,
        )

    def factor(self, user_id: int) -> tuple[str | None, int, list[str]]:
        """Secret, last step taken and hashes of the recovery codes of the second factor."""
        with Session(self._engine) as session:
            user = session.get_one(User, user_id)
            return user.factor_secret, user.factor_step, user.recovery_hashes.split()

    def set_factor(self, user_id: int, secret: str | None, step: int, recovery: list[str]) -> None:
        """Adds, or with None removes, the second factor."""
        self._change(
            user_id, factor_secret=secret, factor_step=step, recovery_hashes=" ".join(recovery)
        )

    def take_step(self, user_id: int, step: int) -> bool:
        """Marks a time step as used; False when it, or a later one, was taken already."""
        with Session(self._engine) as session, session.begin():
            taken = session.execute(
                update(User)
                .where(User.id == user_id, User.factor_step < step)
                .values(factor_step=step)
            )
            return bool(taken.rowcount)  # type: ignore[attr-defined]  # of a cursor's result

    def take_recovery(self, user_id: int, code_hash: str) -> bool:
        """Uses up a recovery code; False where it is none, or was used."""
        with Session(self._engine) as session, session.begin():
            before = session.get_one(User, user_id).recovery_hashes
            left = [each for each in before.split() if each != code_hash]
            # Compared with what was read: two who send the same code must not both get in.
            taken = session.execute(
                update(User)
                .where(User.id == user_id, User.recovery_hashes == before)
                .values(recovery_hashes=" ".join(left))
            )
            return len(left) < len(before.split()) and bool(taken.rowcount)  # type: ignore[attr-defined]

    def ping(self) -> None:
        """One round trip; raises SQLAlchemyError when the database does not answer."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def _find(self, username: str) -> User | None:
        # Names that no column can hold: PostgreSQL refuses NUL, no driver encodes a surrogate.
        storable = username.isprintable() and len(username) <= MAX_USERNAME_LENGTH
        wanted = username if storable else ""
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalar(select(User).where(User.username == wanted))

    def _rehash(self, user: User, password: str) -> None:
        """A courtesy: a full disk, or a database that may only be read, keeps nobody out."""
        try:
            self._change(user.id, password_hash=self._passwords.hash(password))
        except SQLAlchemyError as error:
            _LOG.error("a hash could not be renewed: %s", type(error).__name__)

    def _change(self, user_id: int, **values: object) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(update(User).where(User.id == user_id).values(**values))


def _account(user: User) -> Account:
    return Account(
        id=user.id,
        username=user.username,
        must_change=user.must_change,
        has_factor=user.factor_secret is not None,
        is_disabled=user.disabled_at is not None,
        password_set_at=user.password_set_at,
        recovery_codes_left=len(user.recovery_hashes.split()),
    )
