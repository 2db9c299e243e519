"""A database that cannot be had is refused in one line, without its password."""

from pathlib import Path

import pytest
from login_app import create_app
from login_app.database import open_database
from login_app.settings import Settings, SettingsError
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:////nonexistent/folder/login.db", "sqlite://… cannot be used (unable to open"),
        ("nosuchsql://u:geheim@db/x", "nosuchsql://… cannot be used"),
        ("mysql+pymysql://u:geheim@db/x", "mysql+pymysql://… cannot be used (No module named"),
    ],
)
def test_a_database_that_cannot_be_had_is_refused(url: str, reason: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_database(make_url(url))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_database_that_cannot_be_written_is_refused(settings: Settings) -> None:
    engine = open_database(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE VIEW users AS SELECT 1 AS id, '' AS username"))
    engine.dispose()
    with pytest.raises(SettingsError, match="cannot be used"):
        create_app(settings)


def test_names_and_hashes_stay_out_of_error_texts(settings: Settings) -> None:
    engine = open_database(settings.database_url)
    with pytest.raises(DBAPIError) as failed, engine.connect() as connection:
        connection.execute(text("SELECT * FROM nothing WHERE a = :a"), {"a": "geheim"})
    assert "geheim" not in str(failed.value)
    engine.dispose()


def test_the_path_may_hold_what_a_url_may_not(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20?#"
    folder.mkdir()
    open_database(make_url("sqlite://").set(database=str(folder / "login.db"))).dispose()
    assert (folder / "login.db").exists()
