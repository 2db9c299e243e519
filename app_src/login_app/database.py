"""The connection to the database, and the refusal when there is none to be had."""

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from login_app.settings import SettingsError

# How long a connection may take, by backend, in the driver's own words. A server that is gone must
# cost a visitor seconds: libpq alone would wait for minutes.
_PATIENCE: dict[str, dict[str, Any]] = {
    "sqlite": {"timeout": 30},
    "postgresql": {"connect_timeout": 5, "tcp_user_timeout": 10_000},
}


def open_database(url: URL, identity: str = "") -> Engine:
    """An engine that could connect once; SettingsError otherwise.

    `identity` is the client id of a managed identity whose tokens are the password.
    """
    waiting = _PATIENCE.get(url.get_backend_name(), {})
    try:
        # Parameters stay out of error texts: they hold names and hashes.
        engine = create_engine(url, connect_args=waiting, hide_parameters=True, pool_pre_ping=True)
        if identity and url.get_backend_name() != "sqlite":  # a file asks nobody who he is
            # Here, because it costs half a second that an app with a password need not spend.
            from login_app.managed_identity import sign_in_with_tokens

            sign_in_with_tokens(engine, identity)
        engine.connect().close()
    except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as error:
        raise refused(url, error) from None
    except DBAPIError as error:
        raise refused(url, error) from None
    return engine


def refused(url: URL, cause: BaseException) -> SettingsError:
    """The refusal to raise; names the driver and the reason, never the URL with its password."""
    told = cause.orig if isinstance(cause, DBAPIError) and cause.orig else cause
    reason = (str(told).splitlines() or [type(told).__name__])[0]
    return SettingsError(
        f"DATABASE_URL {url.drivername}://… cannot be used ({reason}); "
        "a database that can be reached, and its driver, are expected (environment variable)"
    )
