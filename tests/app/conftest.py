"""The app in process, with one user, its event lines in a list and its database in tmp_path."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import URL

sys.path.insert(0, str(Path(__file__).parents[2] / "app_src"))

from login_app import create_app  # noqa: E402  # the deployed code is a root of its own
from login_app.services import EXTENSION  # noqa: E402
from login_app.settings import HashCost, InitialPasswords, Settings  # noqa: E402

from tests.support.app_client import PASSWORD, USERNAME, Browser  # noqa: E402

BuildApp = Callable[..., Flask]
CHEAP = HashCost(memory_kib=64, passes=1)
"""Nearly all that these tests would do is hash; what it costs in Azure is tested by name."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        secret_key="k" * 32,
        database_url=URL.create("sqlite", database=str(tmp_path / "login.db")),
        initial_users={USERNAME: PASSWORD},
        initial_passwords=InitialPasswords.KEEP,
        rate_limit="1000 per minute",
        hash_cost=CHEAP,
    )


@pytest.fixture
def lines() -> list[str]:
    """The event lines that the app wrote."""
    return []


@pytest.fixture
def told_at_start() -> list[str]:
    """The lines that the app wrote while it was built last: what was done to accounts."""
    return []


@pytest.fixture
def build_app(settings: Settings, lines: list[str], told_at_start: list[str]) -> Iterator[BuildApp]:
    """Builds an app with changed settings."""
    apps = []

    def build(**changes: object) -> Flask:
        before = len(lines)
        app = create_app(replace(settings, **changes), write_line=lines.append)  # type: ignore[arg-type]  # changes are settings
        apps.append(app)
        told_at_start[:] = lines[before:]
        del lines[before:]
        return app

    yield build
    for app in apps:
        app.extensions[EXTENSION].close()


@pytest.fixture
def app(build_app: BuildApp) -> Flask:
    return build_app()


@pytest.fixture
def browser(app: Flask, lines: list[str]) -> Browser:
    return Browser(app, lines)
