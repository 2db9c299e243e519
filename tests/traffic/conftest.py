"""The login app of these tests, served on loopback."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from tests.support.scripted_login_app import LoginApp


@pytest.fixture
def login_app() -> LoginApp:
    return LoginApp()


@pytest.fixture
async def server(login_app: LoginApp) -> AsyncIterator[BaseTestServer]:
    async with TestServer(login_app.app) as running:
        yield running


@pytest.fixture
def base_url(server: BaseTestServer) -> str:
    return str(server.make_url("")).rstrip("/")
