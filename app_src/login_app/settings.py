"""The only reader of the environment; refuses what cannot work before anything starts."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

import limits
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from login_app.client_address import Network

MIN_SECRET_KEY_LENGTH = 32
MAX_USERNAME_LENGTH = 150
MIN_PASSWORD_LENGTH = 12

# What App Service leaves in a variable when it could not get the secret that the text refers to.
_UNRESOLVED = "@Microsoft.KeyVault("


class SettingsError(Exception):
    """A setting that cannot work: one line for whoever starts the app, without any secret."""


class Captcha(StrEnum):
    """When a proof of work is asked for: never, of accounts under attack, of everybody."""

    OFF = "off"
    ADAPTIVE = "adaptive"
    ALWAYS = "always"


class InitialPasswords(StrEnum):
    """Whether a password of INITIAL_USERS has to be changed at its first use, or may stay."""

    CHANGE = "change"
    KEEP = "keep"


@dataclass(frozen=True)
class HashCost:
    """What one password hash of argon2id costs; by default OWASP's 12 MiB, three passes."""

    memory_kib: int = 12 * 1024
    passes: int = 3


@dataclass(frozen=True)
class Settings:
    """The app's settings, checked."""

    secret_key: str = field(repr=False)
    database_url: URL
    database_identity: str = ""
    """Client id of the managed identity that signs in to the database; '' for a password."""
    initial_users: Mapping[str, str] | None = field(default=None, repr=False)
    """Who has an account; None leaves the accounts as they are."""
    initial_passwords: InitialPasswords = InitialPasswords.CHANGE
    rate_limit: str = "30 per minute; 2000 per day"
    rate_limit_storage_url: str = field(default="memory://", repr=False)
    captcha: Captcha = Captcha.ADAPTIVE
    trusted_proxies: tuple[Network, ...] = ()
    session_hours: int = 12
    session_idle_minutes: int = 30
    second_factor_for: frozenset[str] = frozenset()
    """Who cannot do without a second factor; `*` is everybody."""
    hash_cost: HashCost = HashCost()
    app_name: str = "login-app"
    port: int = 8000

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The settings that these variables give; an empty variable counts as absent."""
        given = {key: value.strip() for key, value in environ.items() if value.strip()}
        _refuse_unresolved(given)
        readers = {key: value for key, value in _READERS.items() if key in given}
        return cls(
            secret_key=_secret_key(given.get("SECRET_KEY", "")),
            database_url=_database_url(given.get("DATABASE_URL", ""), given.get("HOME", ".")),
            **{field_: reader(given[key]) for key, (field_, reader) in readers.items()},
        )

    def needs_second_factor(self, username: str) -> bool:
        """Whether this account has to have one."""
        return "*" in self.second_factor_for or username in self.second_factor_for


def canonical_username(text: str) -> str:
    """The one spelling of a name: é typed as one character or as two is the same user.

    Cut first: normalising is quadratic in the number of combining marks, and twice the longest
    name holds every spelling that keyboards make. What is longer is nobody's, and stays so.
    """
    name = unicodedata.normalize("NFC", text[: 2 * MAX_USERNAME_LENGTH])[: MAX_USERNAME_LENGTH + 1]
    is_nobodys = len(text) > 2 * MAX_USERNAME_LENGTH
    return name.ljust(MAX_USERNAME_LENGTH + 1, "\N{HORIZONTAL ELLIPSIS}") if is_nobodys else name


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
        if not isinstance(password, str) or len(password) < MIN_PASSWORD_LENGTH:
            length = f"{MIN_PASSWORD_LENGTH} characters or more are expected"
            raise _refused(key, f"has no password, or a short one, for {name!a}", length)
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


def _one_of(key: str, words: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return words(text)
        except ValueError:
            expected = f"one of {', '.join(words)} is expected"
            raise _refused(key, f"{text[:40]!a} is unknown", expected) from None

    return read


def _whole(key: str, lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and lowest <= int(text[:10]) <= highest):
            expected = f"a whole number from {lowest} to {highest} is expected"
            raise _refused(key, f"{text[:20]!a} does not do", expected)
        return int(text)

    return read


def _trusted_proxies(text: str) -> tuple[Network, ...]:
    networks = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ip_network(part))
        except ValueError:
            expected = "networks such as 10.1.0.0/24, separated by commas, are expected"
            raise _refused("TRUSTED_PROXIES", f"has {part[:60]!a}", expected) from None
    return tuple(networks)


def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, (canonical_username(name.strip()) for name in text.split(","))))


def _hash_cost(text: str) -> HashCost:
    found = re.fullmatch(r"m=(\d{1,7}),t=(\d{1,2})", text)
    memory, passes = (int(found[1]), int(found[2])) if found else (0, 0)
    # Below these the guesses of somebody who has stolen the hashes become cheap.
    if not (7 * 1024 <= memory <= 1024 * 1024 and 1 <= passes <= 20 and memory * passes >= 35_000):
        expected = "KiB of memory and passes, at least as costly as m=12288,t=3, are expected"
        raise _refused("PASSWORD_HASH", f"{text[:40]!a} does not do", expected)
    return HashCost(memory, passes)


def _text(text: str) -> str:
    return text


# The field of Settings that each variable gives, and who reads it.
_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "APP_NAME": ("app_name", _text),
    "CAPTCHA": ("captcha", _one_of("CAPTCHA", Captcha)),
    "DATABASE_IDENTITY": ("database_identity", _text),
    "INITIAL_PASSWORDS": (
        "initial_passwords",
        _one_of("INITIAL_PASSWORDS", InitialPasswords),
    ),
    "INITIAL_USERS": ("initial_users", _initial_users),
    "PASSWORD_HASH": ("hash_cost", _hash_cost),
    "PORT": ("port", _port),
    "RATE_LIMIT": ("rate_limit", _rate_limit),
    "RATE_LIMIT_STORAGE_URL": ("rate_limit_storage_url", _storage_url),
    "SECOND_FACTOR_FOR": ("second_factor_for", _names),
    "SESSION_HOURS": ("session_hours", _whole("SESSION_HOURS", 1, 24 * 30)),
    "SESSION_IDLE_MINUTES": ("session_idle_minutes", _whole("SESSION_IDLE_MINUTES", 1, 24 * 60)),
    "TRUSTED_PROXIES": ("trusted_proxies", _trusted_proxies),
}
