"""The connection to the database, and the refusal when there is none to be had."""

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from login_app.settings import SettingsError

SQLITE_WAIT_SECONDS = 30


def open_database(url: URL) -> Engine:
    """An engine that could connect once; SettingsError otherwise."""
    waiting = {"timeout": SQLITE_WAIT_SECONDS} if url.get_backend_name() == "sqlite" else {}
    try:
        # Parameters stay out of error texts: they hold names and hashes.
        engine = create_engine(url, connect_args=waiting, hide_parameters=True, pool_pre_ping=True)
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
