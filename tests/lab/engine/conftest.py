"""The real Pulumi CLI on small programs; without it these tests are skipped, and say so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.pulumi_cli import is_installed
from tests.lab.engine.project import Made, Project


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
