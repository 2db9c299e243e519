"""The real Pulumi CLI on small programs; without it these tests are skipped, and say so."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine.pulumi_cli import is_installed
from lab.provider.control_server import ControlServer
from tests.support.project import Made, Project


@pytest.fixture(autouse=True)
def _needs_the_cli() -> None:
    if not is_installed():
        pytest.skip("the Pulumi CLI is not on PATH")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Made(tmp_path, run_apps=False) as found:
        yield found


@pytest.fixture
def running_project(tmp_path: Path) -> Iterator[Project]:
    """Its commands really run."""
    with Made(tmp_path, run_apps=True) as found:
        yield found


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    clock = Clock(datetime(2026, 1, 5, 7, 30, tzinfo=UTC))
    with Azure(clock, state_dir=tmp_path / "azure", run_apps=False) as made:
        yield made


@pytest.fixture
def control(azure: Azure) -> Iterator[ControlServer]:
    with ControlServer(azure, azure.state_dir / "control.json") as made:
        yield made
