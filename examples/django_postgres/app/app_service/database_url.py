"""DATABASE_URL as Django's DATABASES want it. Pure."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")


def database(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?sslmode=require`, or `sqlite:////path/of/a/file`.

    ValueError for anything else; the message never holds the URL, which has a password.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": unquote(parts.path)[1:]}
    if parts.scheme not in POSTGRES or not parts.hostname:
        raise ValueError("DATABASE_URL is no postgresql:// or sqlite:/// URL")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname,
        "PORT": parts.port or 5432,
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
