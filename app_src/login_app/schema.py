"""The tables, as the migrations make them; moments are whole seconds since 1970, in UTC."""

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from login_app.settings import MAX_USERNAME_LENGTH


class Base(DeclarativeBase):
    """All tables of the app."""


class User(Base):
    """An account. Ids are never used again, also not those of deleted rows."""

    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(MAX_USERNAME_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    setting_hash: Mapped[str] = mapped_column(String(255))
    """Of the password that INITIAL_USERS last gave; another one there is an operator's reset."""
    must_change: Mapped[bool]
    password_set_at: Mapped[int] = mapped_column(BigInteger)
    disabled_at: Mapped[int | None] = mapped_column(BigInteger)
    factor_secret: Mapped[str | None] = mapped_column(String(64))
    factor_step: Mapped[int] = mapped_column(BigInteger)
    """The last time step whose code was taken, so that a code works once."""
    recovery_hashes: Mapped[str] = mapped_column(String(1000))
    """SHA-256 of the recovery codes that are left, separated by spaces."""


class SessionRow(Base):
    """A session of a signed-in user; kept for a while after its end, for the list of sign-ins."""

    __tablename__ = "sessions"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the random text in the cookie, which is stored nowhere."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    network: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(200))
    two_factors: Mapped[bool]


class ResetCode(Base):
    """A code with which somebody may set a new password, once and for an hour."""

    __tablename__ = "reset_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)
    removes_factor: Mapped[bool]
