"""A real PostgreSQL on loopback, set up as Azure's flexible server is."""

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from lab.azure.core.certificate import Authority
from lab.azure.core.server_process import ServerError, ServerProcess, is_open
from lab.host.loopback import HOST

LOG_LINE_PREFIX: Final = "%c|%p|%e|%b|"
"""Session, process, SQLSTATE, kind of process: what a row of PGSQLServerLogs is made from."""

SUPERUSER: Final = "azuresu"
"""Microsoft's account on a flexible server; the stack's administrator is none."""

ADMINISTRATORS: Final = "azure_pg_admin"
"""The role of all administrators, who may do what it may ("Describe built-in server roles")."""

# As on Azure, TLS 1.2 is the least and passwords are SCRAM; the rest saves time and memory.
_FIXED: Final = {
    "fsync": "off",
    "log_line_prefix": LOG_LINE_PREFIX,
    "logging_collector": "off",
    "max_connections": "50",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "16MB",
    "ssl": "on",
    "ssl_cert_file": "server.pem",
    "ssl_key_file": "server.pem",
    "ssl_min_protocol_version": "TLSv1.2",
    "unix_socket_directories": "",
}


def binaries() -> Path | None:
    """The folder with initdb and postgres; None where PostgreSQL is not installed."""
    on_path = shutil.which("postgres")
    if on_path is not None:
        return Path(on_path).resolve().parent
    # Debian keeps every version in a folder of its own, none of them on PATH.
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    return found[-1].parent if found else None


class PostgresServer:
    """Ends with `close`; `password` is the superuser's."""

    def __init__(self, authority: Authority, host: str, password: str) -> None:
        place = binaries()
        if place is None:
            raise ServerError.of("PostgreSQL is not installed", "initdb and postgres are expected")
        self._password = password
        self._process = ServerProcess("postgresql", user="postgres")
        self._lock = threading.Lock()
        self._read = 0
        try:
            self._set_up(place, authority, host)
            self._process.start(
                [str(place / "postgres"), "-D", str(self._data), *_options(self.port)],
                lambda: is_open(self.port) and self._answers(),
            )
            self._execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(ADMINISTRATORS)))
        except BaseException:
            self._process.close()
            raise

    @property
    def port(self) -> int:
        return self._process.port

    def create_role(self, name: str, password: str, *, administrator: bool = False) -> None:
        """A role that may sign in; what Azure's administrator may do, if it is one."""
        rights = " CREATEROLE CREATEDB" if administrator else ""
        self._execute(
            sql.SQL("CREATE ROLE {} LOGIN" + rights + " PASSWORD {}").format(
                sql.Identifier(name), sql.Literal(password)
            )
        )
        # Azure's administrators are members of pg_monitor and the like; that is enough here.
        if administrator:
            for role in ("pg_monitor", ADMINISTRATORS):
                grant = sql.SQL("GRANT {} TO {}")
                self._execute(grant.format(sql.Identifier(role), sql.Identifier(name)))

    def set_password(self, name: str, password: str) -> None:
        self._execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        )

    def drop_role(self, name: str) -> None:
        self._execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))

    def create_database(self, name: str, charset: str = "UTF8") -> None:
        """Everybody who may sign in may make tables there: PostgreSQL 15 took that away."""
        identifier = sql.Identifier(name)
        self._execute(
            sql.SQL("CREATE DATABASE {} ENCODING {} TEMPLATE template0").format(
                identifier, sql.Literal(charset)
            )
        )
        self._execute(sql.SQL("GRANT ALL ON SCHEMA public TO PUBLIC"), database=name)

    def drop_database(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def configure(self, settings: Mapping[str, str]) -> None:
        """Server parameters; one that does not exist is refused, as Azure does."""
        for name, value in settings.items():
            self._execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
        self._execute(sql.SQL("SELECT pg_reload_conf()"))

    def new_lines(self) -> list[str]:
        """What the server has logged since the last call, in complete lines; none once closed."""
        try:
            with self._lock, self._process.log.open("rb") as log:
                log.seek(self._read)
                complete = log.read().rpartition(b"\n")[0]
                self._read += len(complete) + 1 if complete else 0
        except FileNotFoundError:
            return []
        return complete.decode("utf-8", "replace").splitlines()

    def close(self) -> None:
        self._process.close()

    def _set_up(self, place: Path, authority: Authority, host: str) -> None:
        secret = self._process.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password, encoding="utf-8")
        self._process.give(secret)
        self._process.run(
            [
                str(place / "initdb"),
                *("-D", str(self._data), "--username", SUPERUSER, "--pwfile", str(secret)),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ]
        )
        secret.unlink()
        self._read = self._process.log.stat().st_size  # initdb's own words are no rows
        chain = self._data / "server.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(authority.chain([host, "localhost"]))
        self._process.give(chain)
        access = self._data / "pg_hba.conf"
        access.write_text(f"hostssl all all {HOST}/32 scram-sha-256\n", encoding="utf-8")

    @property
    def _data(self) -> Path:
        return self._process.folder / "data"

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: sql.SQL | sql.Composed, database: str = "postgres") -> None:
        with self._connect(database) as connection:
            connection.execute(statement)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=SUPERUSER,
            password=self._password,
            dbname=database,
            sslmode="require",
            connect_timeout=5,
            autocommit=True,
        )


def _options(port: int) -> list[str]:
    given = {**_FIXED, "listen_addresses": HOST, "port": str(port)}
    return [word for name, value in given.items() for word in ("-c", f"{name}={value}")]


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parents[1].name.split(".") if part.isdecimal())
