"""What the lab's child processes get to see of its environment."""

import os
from typing import Final

_KEPT_AWAY: Final = (
    *("ARM_", "AWS_", "AZURE_", "GOOGLE_", "PULUMI_"),
    *("IDENTITY_", "MSI_", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN"),
)
"""Beginnings of variables that could lead a child past the lab, to somebody's real cloud."""

_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


def inherited() -> dict[str, str]:
    """The environment without accounts and proxies."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.upper().startswith(_KEPT_AWAY) and key.lower() not in _PROXIES
    }
