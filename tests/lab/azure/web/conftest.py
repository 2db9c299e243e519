"""An Azure that keeps its rows, and the small app running in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.azure.web.app_service import AppService, Hosted
from lab.clock.clock import Clock
from tests.support.demo_site import START, Publisher, RecordingAzure, settings, start


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[RecordingAzure]:
    with RecordingAzure(Clock(START), state_dir=tmp_path / "state") as running:
        yield running


@pytest.fixture
def service(azure: RecordingAzure) -> AppService:
    return azure.service(AppService)


@pytest.fixture
def empty(service: AppService) -> Hosted:
    """A site without code."""
    return service.add(settings())


@pytest.fixture
def demo(empty: Hosted, tmp_path: Path) -> Hosted:
    """The small app, running."""
    start(empty, tmp_path)
    return empty


@pytest.fixture
def publisher(service: AppService) -> Publisher:
    return Publisher(service)
