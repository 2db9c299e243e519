"""An Azure without apps, and the resources that most tests need first."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.clock.clock import Clock

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    with Azure(Clock(START), state_dir=tmp_path / "azure", run_apps=False) as made:
        yield made


@pytest.fixture
def group(azure: Azure) -> Resource:
    token = "azure-native:resources:ResourceGroup"
    return azure.resources.create(token, "group", {"location": "westeurope"})
