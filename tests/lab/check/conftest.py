"""Reports without Microsoft's parser, which needs seconds to start; its own tests have it."""

import pytest


@pytest.fixture
def without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which Node is not installed."""
    monkeypatch.setenv("PATH", "")
