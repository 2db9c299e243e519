"""The migrations make the tables that the app works with, on each kind of database."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from login_app.database import migrate, open_database
from login_app.schema import Base
from sqlalchemy.engine import URL, make_url

from tests.support import servers


def assert_in_step(url: URL) -> None:
    engine = open_database(url)
    migrate(engine)
    migrate(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert differences == []


def test_sqlite_is_in_step(tmp_path: Path) -> None:
    assert_in_step(URL.create("sqlite", database=str(tmp_path / "login.db")))


@pytest.mark.postgres
@servers.needs_postgres
def test_postgresql_is_in_step(tmp_path: Path) -> None:
    with servers.postgres(tmp_path) as (_, url):
        assert_in_step(make_url(url))
