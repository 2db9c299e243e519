"""Sessions in the database: what the server can list, and end.

The cookie holds a random text, the database its SHA-256. Whoever reads the database cannot sign
in with what is there, and a session that has ended stays ended whoever still has its cookie.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from enum import Enum, auto

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from login_app.schema import SessionRow

SEEN_EVERY_SECONDS = 60
"""How exactly the last use is known; each page view need not write."""

KEPT_SECONDS = 90 * 24 * 3600
"""How long ended sessions stay in the list, and a network stays familiar."""

_LISTED = 20


class State(Enum):
    """What a cookie is worth."""

    UNKNOWN = auto()
    LIVE = auto()
    EXPIRED = auto()
    """It expires just now, by age or for want of use."""
    ENDED = auto()
    """It had ended before: by its owner, an operator, or a change of password."""


@dataclass(frozen=True)
class Entry:
    """A session as its owner and the log see it; mark is a hash that nobody signs in with."""

    id: int
    user_id: int
    mark: str
    created_at: int
    seen_at: int
    ended_at: int | None
    network: str
    user_agent: str
    two_factors: bool


class SessionStore:
    """The sessions of one app."""

    def __init__(self, engine: Engine, hours: int, idle_minutes: int) -> None:
        self._engine = engine
        self._longest, self._idle = hours * 3600, idle_minutes * 60

    def start(
        self, user_id: int, network: str, user_agent: str | None, *, two_factors: bool
    ) -> tuple[str, str]:
        """A new session: the text for the cookie, and the session's mark."""
        token, now = secrets.token_urlsafe(32), int(time.time())
        with Session(self._engine) as session, session.begin():
            session.execute(
                delete(SessionRow).where(
                    SessionRow.user_id == user_id, SessionRow.created_at < now - KEPT_SECONDS
                )
            )
            session.add(
                SessionRow(
                    token_hash=_hash(token),
                    user_id=user_id,
                    created_at=now,
                    seen_at=now,
                    network=network[:64],
                    user_agent=_storable(user_agent),
                    two_factors=two_factors,
                )
            )
        return token, _mark(_hash(token))

    def find(self, token: object) -> tuple[State, Entry | None]:
        """What this cookie is worth; a session that is live counts as used now."""
        if not isinstance(token, str):
            return State.UNKNOWN, None
        now = int(time.time())
        with Session(self._engine) as session:
            row = session.scalar(select(SessionRow).where(SessionRow.token_hash == _hash(token)))
            if row is None:
                return State.UNKNOWN, None
            entry = _entry(row)
        if entry.ended_at is not None:
            return State.ENDED, entry
        if now - entry.created_at > self._longest or now - entry.seen_at > self._idle:
            # Whoever is first says so, once.
            return (State.EXPIRED if self.end(entry.id) else State.ENDED), entry
        if now - entry.seen_at >= SEEN_EVERY_SECONDS:
            self._see(entry.id, now)
        return State.LIVE, entry

    def end(self, session_id: int, user_id: int | None = None) -> bool:
        """Ends one session, of this user only where one is given; False: nothing to end."""
        wanted = [SessionRow.id == session_id, SessionRow.ended_at.is_(None)]
        if user_id is not None:
            wanted.append(SessionRow.user_id == user_id)
        return self._end(wanted) > 0

    def end_token(self, token: str) -> None:
        """Ends the session whose cookie never reached anybody."""
        self._end([SessionRow.token_hash == _hash(token)])

    def end_others(self, user_id: int, kept: int | None = None) -> int:
        """Ends all sessions of a user but one; returns how many."""
        wanted = [SessionRow.user_id == user_id, SessionRow.ended_at.is_(None)]
        if kept is not None:
            wanted.append(SessionRow.id != kept)
        return self._end(wanted)

    def of(self, user_id: int) -> list[Entry]:
        """The last sign-ins of a user, the newest first, with those that have ended."""
        with Session(self._engine) as session:
            rows = session.scalars(
                select(SessionRow)
                .where(SessionRow.user_id == user_id)
                .order_by(SessionRow.id.desc())
                .limit(_LISTED)
            )
            return [_entry(row) for row in rows]

    def is_live(self, entry: Entry) -> bool:
        """Whether the session would still be taken."""
        now = time.time()
        is_young = now - entry.created_at <= self._longest and now - entry.seen_at <= self._idle
        return entry.ended_at is None and is_young

    def is_familiar(self, user_id: int, network: str) -> bool:
        """Whether this user has signed in from this network before."""
        with Session(self._engine) as session:
            found = session.scalar(
                select(SessionRow.id)
                .where(SessionRow.user_id == user_id, SessionRow.network == network[:64])
                .limit(1)
            )
            return found is not None

    def _see(self, session_id: int, now: int) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(SessionRow).where(SessionRow.id == session_id).values(seen_at=now)
            )

    def _end(self, wanted: list) -> int:  # type: ignore[type-arg]  # SQL conditions of several types
        with Session(self._engine) as session, session.begin():
            ended = session.execute(
                update(SessionRow).where(*wanted).values(ended_at=int(time.time()))
            )
            return int(ended.rowcount)  # type: ignore[attr-defined]  # of a cursor's result


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _mark(token_hash: str) -> str:
    return hashlib.sha256(token_hash.encode()).hexdigest()[:16]


def _storable(text: str | None) -> str:
    return "".join(char if char.isprintable() else "�" for char in (text or "")[:200])


def _entry(row: SessionRow) -> Entry:
    return Entry(
        id=row.id,
        user_id=row.user_id,
        mark=_mark(row.token_hash),
        created_at=row.created_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        network=row.network,
        user_agent=row.user_agent,
        two_factors=row.two_factors,
    )
