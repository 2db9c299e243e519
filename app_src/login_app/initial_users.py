"""Who has an account, as the setting INITIAL_USERS declares it.

A new name gets an account, a name that is gone loses it, a password that changed in the setting
is an operator's reset; what a user has chosen since stays as long as the setting stays.
"""

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from login_app.login_events import EventType
from login_app.passwords import Passwords
from login_app.schema import SessionRow, User


@dataclass(frozen=True)
class Change:
    """What was done to an account."""

    event_type: EventType
    username: str


def apply(
    engine: Engine, passwords: Passwords, declared: Mapping[str, str], *, must_change: bool
) -> list[Change]:
    """Makes the accounts what the setting says; returns what had to be done for it."""
    now = int(time.time())
    with Session(engine) as session, session.begin():
        users = {user.username: user for user in session.scalars(select(User))}
        # A first start hashes them all, and argon2 leaves Python's lock while it does.
        with ThreadPoolExecutor(os.cpu_count()) as hashing:
            new_hashes = list(
                hashing.map(lambda name: _new_hash(passwords, users, name, declared), declared)
            )
        changes: list[Change] = []
        for name, new_hash in zip(declared, new_hashes, strict=True):
            user = users.get(name)
            if user is None:
                session.add(_new_user(name, str(new_hash), now, must_change))
                changes.append(Change(EventType.USER_CREATED, name))
                continue
            if user.disabled_at is not None:
                user.disabled_at = None
                changes.append(Change(EventType.USER_ENABLED, name))
            if new_hash is not None:
                user.password_hash = user.setting_hash = new_hash
                user.password_set_at, user.must_change = now, must_change
                _end_sessions(session, user, now)
                changes.append(Change(EventType.PASSWORD_RESET, name))
        for name in users.keys() - declared.keys():
            if users[name].disabled_at is None:
                users[name].disabled_at = now
                _end_sessions(session, users[name], now)
                changes.append(Change(EventType.USER_DISABLED, name))
        return changes


def _new_hash(
    passwords: Passwords, users: Mapping[str, User], name: str, declared: Mapping[str, str]
) -> str | None:
    """The hash of a password that the setting has not given before; else None."""
    user = users.get(name)
    if user is not None and passwords.fits(user.setting_hash, declared[name]):
        return None
    return passwords.hash(declared[name])


def _new_user(name: str, password_hash: str, now: int, must_change: bool) -> User:
    return User(
        username=name,
        password_hash=password_hash,
        setting_hash=password_hash,
        must_change=must_change,
        password_set_at=now,
        factor_step=0,
        recovery_hashes="",
    )


def _end_sessions(session: Session, user: User, now: int) -> None:
    session.execute(
        update(SessionRow)
        .where(SessionRow.user_id == user.id, SessionRow.ended_at.is_(None))
        .values(ended_at=now)
    )
