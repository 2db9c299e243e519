"""Real servers for tests, where the machine has them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from lab.azure.core.certificate import Authority
from lab.azure.dbforpostgresql import server as postgres_server
from lab.azure.dbforpostgresql.server import PostgresServer
from lab.azure.redisenterprise import server as redis_server
from lab.azure.redisenterprise.server import RedisServer
from lab.host.loopback import HOST

needs_postgres = pytest.mark.skipif(
    postgres_server.binaries() is None, reason="PostgreSQL is not installed"
)
needs_redis = pytest.mark.skipif(redis_server.binary() is None, reason="redis-server is missing")

ADMINISTRATOR = "loginadmin"


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[PostgresServer, str]]:
    """A server with an empty database `logins`, and the URL of its administrator."""
    server = PostgresServer(Authority(folder / "ca.pem"), "localhost", secrets.token_hex(16))
    try:
        password = secrets.token_hex(16)
        server.create_role(ADMINISTRATOR, password, administrator=True)
        server.create_database("logins")
        yield server, url(server, password)
    finally:
        server.close()


def url(server: PostgresServer, password: str, database: str = "logins") -> str:
    """As LoginDatabase writes it, with the lab's host and port."""
    sign_in = f"{ADMINISTRATOR}:{password}@{HOST}:{server.port}"
    return f"postgresql+psycopg://{sign_in}/{database}?sslmode=require"


@contextmanager
def redis(folder: Path) -> Iterator[tuple[RedisServer, str]]:
    """A server with TLS and a key, and the URL with both."""
    authority = Authority(folder / "ca.pem")
    key = "k+/" + secrets.token_urlsafe(16) + "="
    server = RedisServer(key, authority)
    try:
        trust = quote(str(authority.path), safe="/")
        sign_in = f":{quote(key, safe='')}@localhost:{server.port}"
        yield server, f"rediss://{sign_in}/0?ssl_ca_certs={trust}"
    finally:
        server.close()
