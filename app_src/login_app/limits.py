"""How often one address may try to sign in.

Where limits are counted is the setting RATE_LIMIT_STORAGE_URL: memory://, which is enough for one
worker, or rediss:// and redis://, which any number of instances share.
"""

import time

from flask import Flask, request
from flask_limiter import Limiter
from limits.errors import ConfigurationError

from login_app.login_journal import request_sender
from login_app.settings import Settings, SettingsError

LIMITED_ENDPOINT = "sign_in.login"

# Seconds. A Redis that hangs must not hold a visitor for longer; the fallback counts instead.
_REDIS_PATIENCE: dict[str, str | int] = {"socket_connect_timeout": 1, "socket_timeout": 1}


def limit_sign_ins(app: Flask, settings: Settings) -> Limiter:
    """Limits POST /login, and nothing else, by client address."""
    try:
        return Limiter(
            _address,
            app=app,
            application_limits=[settings.rate_limit],
            application_limits_exempt_when=_is_something_else,
            # A fixed window would let twice the limit through around its edge.
            strategy="moving-window",
            storage_uri=settings.rate_limit_storage_url,
            storage_options=_patience(settings.rate_limit_storage_url),
            # A shared storage that is down must not open the door, nor close it.
            in_memory_fallback_enabled=True,
        )
    except (ConfigurationError, ImportError) as error:
        scheme = settings.rate_limit_storage_url.partition("://")[0]
        raise SettingsError(
            f"RATE_LIMIT_STORAGE_URL {scheme}://… cannot be used ({type(error).__name__}); "
            "memory://, or a storage whose client library is installed, is expected "
            "(environment variable)"
        ) from None


def _patience(storage_url: str) -> dict[str, str | int]:
    return _REDIS_PATIENCE if storage_url.startswith(("redis://", "rediss://")) else {}


def seconds_until_allowed(limiter: Limiter) -> int:
    """Whole seconds until the limit that the current request broke lets another one through."""
    broken = limiter.current_limit
    return max(1, broken.reset_at - int(time.time())) if broken else 1


def _address() -> str:
    return request_sender().address or "unknown"


def _is_something_else() -> bool:
    return request.endpoint != LIMITED_ENDPOINT
