"""The users: who exists, and whether a password is theirs."""

import os
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Engine, String, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from login_app.settings import MAX_USERNAME_LENGTH

# Of OWASP's equal minima for argon2id the one with least memory: 7 MiB, five passes, one lane.
# A small plan has little of it, and eight sign in at once.
_HASHER = PasswordHasher(memory_cost=7 * 1024, time_cost=5, parallelism=1)


class _Base(DeclarativeBase):
    pass


class User(_Base):
    """A row of the table `users`."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(MAX_USERNAME_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))


@dataclass(frozen=True)
class Account:
    """A user as the rest of the app sees one: no hash."""

    id: int
    username: str


@dataclass(frozen=True)
class Verification:
    """account: whose password it was; user_exists: for the log only, never for the visitor."""

    account: Account | None
    user_exists: bool


class UserStore:
    """Users in a database, under their canonical names; makes its table when it is not there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Somebody who does not exist is checked against this, so that it takes as long.
        self._nobodys_hash = _HASHER.hash(secrets.token_urlsafe())
        self._create_table()

    def create_absent(self, passwords: Mapping[str, str]) -> None:
        """Adds the users that do not exist; the others keep their password."""
        with Session(self._engine) as session:
            present = set(session.scalars(select(User.username)))
        absent = [username for username in passwords if username not in present]
        # A first start hashes them all, and argon2 leaves Python's lock while it does.
        with ThreadPoolExecutor(os.cpu_count()) as hashing:
            hashes = hashing.map(_HASHER.hash, [passwords[username] for username in absent])
            for username, password_hash in zip(absent, hashes, strict=True):
                self._create(username, password_hash)

    def verify(self, username: str, password: str) -> Verification:
        """Always exactly one hash verification, whoever is asked for."""
        user = self._find(username)
        stored_hash = user.password_hash if user else self._nobodys_hash
        try:
            _HASHER.verify(stored_hash, password.encode(errors="surrogatepass"))
        except VerifyMismatchError:
            return Verification(None, user_exists=user is not None)
        if user is None:
            return Verification(None, user_exists=False)
        if _HASHER.check_needs_rehash(stored_hash):
            self._replace_hash(user.id, password)
        return Verification(Account(user.id, user.username), user_exists=True)

    def get(self, user_id: object) -> Account | None:
        """The account with this id, as it stands in a session."""
        if not isinstance(user_id, int):
            return None
        with Session(self._engine) as session:
            user = session.get(User, user_id)
            return Account(user.id, user.username) if user else None

    def ping(self) -> None:
        """One round trip; raises SQLAlchemyError when the database does not answer."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self._engine.dispose()

    def _create_table(self) -> None:
        try:
            _Base.metadata.create_all(self._engine)
        except DBAPIError:
            # Another worker was quicker, between the look and the creation.
            if not inspect(self._engine).has_table(User.__tablename__):
                raise

    def _create(self, username: str, password_hash: str) -> None:
        user = User(username=username, password_hash=password_hash)
        # Another worker may be quicker; then there is one row, and that is what was asked for.
        with suppress(IntegrityError), Session(self._engine) as session, session.begin():
            session.add(user)

    def _find(self, username: str) -> User | None:
        # Names that no column can hold: PostgreSQL refuses NUL, no driver encodes a surrogate.
        storable = username.isprintable() and len(username) <= MAX_USERNAME_LENGTH
        wanted = username if storable else ""
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalar(select(User).where(User.username == wanted))

    def _replace_hash(self, user_id: int, password: str) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(User).where(User.id == user_id).values(password_hash=_HASHER.hash(password))
            )
