"""The connection to the database, its tables, and the refusal when there is none to be had."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from login_app.settings import SettingsError

# How long a connection may take, by backend, in the driver's own words. A server that is gone must
# cost a visitor seconds: libpq alone would wait for minutes.
_PATIENCE: dict[str, dict[str, Any]] = {
    "sqlite": {"timeout": 10},
    "postgresql": {
        "connect_timeout": 3,
        "tcp_user_timeout": 5_000,
        "options": "-c statement_timeout=5000 -c lock_timeout=5000",
    },
}
_POOL: dict[str, dict[str, Any]] = {
    # A server that hangs must not let every thread of ours wait for it in turn.
    "postgresql": {"pool_size": 10, "max_overflow": 10, "pool_timeout": 3},
}
_ADMINISTRATORS = "azure_pg_admin"
_ADVISORY_LOCK = 0x6C6F67696E  # any number, as long as nobody else in the database uses it
_LOG = logging.getLogger("login_app.database")
_MIGRATIONS = Path(__file__).with_name("migrations")


def open_database(url: URL, identity: str = "") -> Engine:
    """An engine that could connect once; SettingsError otherwise.

    `identity` is the client id of a managed identity whose tokens are the password.
    """
    backend = url.get_backend_name()
    try:
        # Parameters stay out of error texts: they hold names and hashes.
        engine = create_engine(
            url,
            connect_args=_PATIENCE.get(backend, {}),
            hide_parameters=True,
            pool_pre_ping=True,
            **_POOL.get(backend, {}),
        )
        if backend == "sqlite":
            event.listen(engine, "connect", _keep_references)
        elif identity:  # a file asks nobody who he is
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


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[None]:
    """Lets one process at a time in: several instances start at once, and each prepares."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 60000"))
            connection.execute(text("SET lock_timeout = 60000"))
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
                # Its time-outs are not those of the pool.
                connection.invalidate()
        return
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        yield
        return
    with open(f"{database}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrate(engine: Engine) -> None:
    """Brings the tables up to date."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if engine.dialect.name == "postgresql":
            _share(connection)


def _share(connection: Connection) -> None:
    """Gives the tables to all administrators of Azure's server, of whom the app is one.

    An app that signed in with a password and now signs in as its identity is somebody else there,
    whom the tables of before would be closed to. On another server nothing is shared.
    """
    found = connection.execute(
        text(
            "SELECT 1 FROM pg_roles WHERE rolname = :role AND pg_has_role(current_user, oid,"
            " 'MEMBER')"
        ),
        {"role": _ADMINISTRATORS},
    )
    if found.first() is None:
        return
    mine = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE tableowner = current_user AND schemaname = :s"),
        {"s": "public"},
    )
    tables = [str(name) for (name,) in mine]
    quote = connection.dialect.identifier_preparer.quote
    # Who owns a table has to be allowed to make one; whether Azure's role is: UNCONFIRMED.
    try:
        with connection.begin_nested():
            connection.execute(text(f"GRANT USAGE, CREATE ON SCHEMA public TO {_ADMINISTRATORS}"))
    except DBAPIError:
        _LOG.info("the schema's rights stay as they are")
    for table in tables:
        connection.execute(text(f"ALTER TABLE {quote(table)} OWNER TO {_ADMINISTRATORS}"))


def _keep_references(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
