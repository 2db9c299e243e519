"""Limits that several instances share, in a real Redis; and what happens when it is gone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from lab.azure.redisenterprise.server import RedisServer
from tests.app.conftest import BuildApp
from tests.support import servers
from tests.support.app_client import Browser
from tests.support.app_server import Visitor, running

pytestmark = [pytest.mark.redis, servers.needs_redis]

Running = tuple[RedisServer, str]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with servers.redis(tmp_path) as made:
        yield made


@pytest.fixture
def instances(build_app: BuildApp, server: Running) -> list[Flask]:
    """Two of the app, as a plan with two instances runs them."""
    limits = {"rate_limit": "3 per minute", "rate_limit_storage_url": server[1]}
    return [build_app(**limits) for _ in range(2)]


def tries(app: Flask, lines: list[str], count: int, **whose: str) -> list[int]:
    browser = Browser(app, lines, **whose)
    return [browser.sign_in(password="wrong").status_code for _ in range(count)]


def test_instances_count_together(instances: list[Flask], lines: list[str]) -> None:
    first, second = instances
    assert tries(first, lines, 2) == [401, 401]
    assert tries(second, lines, 2) == [401, 429]
    assert tries(first, lines, 1) == [429]
    assert tries(second, lines, 1, address="198.51.100.8") == [401]


def test_a_redis_that_dies_neither_opens_the_door_nor_closes_it(
    instances: list[Flask], lines: list[str], server: Running
) -> None:
    app = instances[0]
    assert tries(app, lines, 1, address="198.51.100.9") == [401]
    server[0].stop()
    assert tries(app, lines, 4) == [401, 401, 401, 429], "it counts by itself from now on"
    assert Browser(app, lines, address="198.51.100.8").sign_in().status_code == 302


def test_an_app_that_starts_while_redis_is_gone_starts(
    build_app: BuildApp, lines: list[str], server: Running
) -> None:
    server[0].stop()
    app = build_app(rate_limit="3 per minute", rate_limit_storage_url=server[1])
    assert tries(app, lines, 4) == [401, 401, 401, 429]


def test_a_wrong_key_neither_opens_nor_closes_and_is_nowhere_shown(
    build_app: BuildApp, lines: list[str], server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    scheme, rest = server[1].split("://:")
    wrong = f"{scheme}://:geheim@{rest.partition('@')[2]}"
    app = build_app(rate_limit="3 per minute", rate_limit_storage_url=wrong)
    assert tries(app, lines, 4) == [401, 401, 401, 429]
    assert "geheim" not in caplog.text


def test_the_deployed_apps_share_the_limit(server: Running, tmp_path: Path) -> None:
    given = {
        "SECRET_KEY": "k" * 32,
        "INITIAL_USERS": json.dumps({"alice": "a long passphrase"}),
        "RATE_LIMIT": "3 per hour",
        "RATE_LIMIT_STORAGE_URL": server[1],
    }
    with (
        running(tmp_path, **given) as first,
        running(tmp_path, **given) as second,
        Visitor(first) as here,
        Visitor(second) as there,
    ):
        answers = [
            visitor.sign_in("alice", "wrong").status_code for visitor in (here, there, here, there)
        ]
    assert answers == [401, 401, 401, 429]
