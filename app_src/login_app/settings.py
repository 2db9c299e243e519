"""The only reader of the environment; refuses what cannot work before anything starts."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import limits
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

MIN_SECRET_KEY_LENGTH = 32
MAX_USERNAME_LENGTH = 150

# What App Service leaves in a variable when it could not get the secret that the text refers to.
_UNRESOLVED = "@Microsoft.KeyVault("


class SettingsError(Exception):
    """A setting that cannot work: one line for whoever starts the app, without any secret."""


@dataclass(frozen=True)
class Settings:
    """The app's settings, checked."""

    secret_key: str = field(repr=False)
    database_url: URL
    database_identity: str = ""
    """Client id of the managed identity that signs in to the database; '' for a password."""
    initial_users: Mapping[str, str] = field(default_factory=dict, repr=False)
    rate_limit: str = "30 per minute"
    rate_limit_storage_url: str = field(default="memory://", repr=False)
    app_name: str = "login-app"
    port: int = 8000

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The settings that these variables give; an empty variable counts as absent."""
        given = {key: value for key, value in environ.items() if value.strip()}
        _refuse_unresolved(given)
        return cls(
            secret_key=_secret_key(given.get("SECRET_KEY", "")),
            database_url=_database_url(given.get("DATABASE_URL", ""), given.get("HOME", ".")),
            database_identity=given.get("DATABASE_IDENTITY", ""),
            initial_users=_initial_users(given.get("INITIAL_USERS", "{}")),
            rate_limit=_rate_limit(given.get("RATE_LIMIT", cls.rate_limit)),
            rate_limit_storage_url=_storage_url(given.get("RATE_LIMIT_STORAGE_URL", "memory://")),
            app_name=given.get("APP_NAME", cls.app_name),
            port=_port(given.get("PORT", str(cls.port))),
        )


def canonical_username(text: str) -> str:
    """The one spelling of a name: é typed as one character or as two is the same user."""
    return unicodedata.normalize("NFC", text)


def _refused(key: str, problem: str, expectation: str) -> SettingsError:
    return SettingsError(f"{key} {problem}; {expectation} (environment variable)")


def _refuse_unresolved(given: Mapping[str, str]) -> None:
    """A reference is long enough to pass for a secret key, and anybody can guess it."""
    for key, value in sorted(given.items()):
        if value.lstrip().startswith(_UNRESOLVED):
            expected = "an identity with a role on the vault, and a secret there, are expected"
            raise _refused(key, "is a Key Vault reference that was not resolved", expected)


def _secret_key(text: str) -> str:
    expected = f"at least {MIN_SECRET_KEY_LENGTH} random characters are expected"
    if not text:
        raise _refused("SECRET_KEY", "is missing", expected)
    if len(text) < MIN_SECRET_KEY_LENGTH:
        raise _refused("SECRET_KEY", f"has {len(text)} characters", expected)
    return text


def _database_url(text: str, home: str) -> URL:
    if not text:
        return URL.create("sqlite", database=str(Path(home, "login.db")))
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        expected = "a SQLAlchemy URL such as sqlite:////data/login.db is expected"
        raise _refused("DATABASE_URL", "cannot be read", expected) from None


def _initial_users(text: str) -> dict[str, str]:
    key, expected = "INITIAL_USERS", "a JSON object of user names to passwords is expected"
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs)
    except ValueError as error:
        # Only the position: the text itself is a secret.
        where = f" at position {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise _refused(key, f"is not JSON{where}", expected) from None
    except RecursionError:
        raise _refused(key, "is nested too deeply", expected) from None
    if not isinstance(pairs, _Pairs):
        raise _refused(key, f"is a JSON {type(pairs).__name__}", expected)
    users: dict[str, str] = {}
    for given_name, password in pairs:
        name = canonical_username(given_name)
        if not name.isprintable() or not 0 < len(name) <= MAX_USERNAME_LENGTH:
            length = f"1 to {MAX_USERNAME_LENGTH} printable characters are expected"
            raise _refused(key, f"has the user name {name[:40]!a}", length)
        if not isinstance(password, str) or not password:
            raise _refused(key, f"has no password for {name!a}", "a text that is not empty")
        if name in users:
            raise _refused(key, f"has the user {name!a} twice", "each user once")
        users[name] = password
    return users


class _Pairs(list[tuple[str, object]]):
    """A JSON object with its repeated keys still in it."""


def _rate_limit(text: str) -> str:
    try:
        readable = all(limit.amount > 0 for limit in limits.parse_many(text))
    except ValueError:
        readable = False
    if not readable:
        expected = "a limit such as '30 per minute' is expected"
        raise _refused("RATE_LIMIT", f"{text[:80]!a} cannot be read", expected)
    return text


def _storage_url(text: str) -> str:
    if "://" not in text:
        expected = "a URL such as memory:// is expected"
        raise _refused("RATE_LIMIT_STORAGE_URL", "cannot be read", expected)
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536):
        raise _refused("PORT", f"{text[:20]!a} is no port", "a number from 1 to 65535 is expected")
    return int(text)
