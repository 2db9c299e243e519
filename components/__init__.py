"""Pulumi components for a monitored login; the same list is offered to other languages.

Each is loaded when it is first asked for: whoever needs only a pure module of this folder (the
rehearsal, the publishing command) does not wait for Pulumi and its Azure SDK.
"""

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.alert_routing import AlertRouting
    from components.detection_set import DetectionSet
    from components.log_store import LogStore
    from components.login_app import LoginApp
    from components.monitored_login import MonitoredLogin

__all__ = ["AlertRouting", "DetectionSet", "LogStore", "LoginApp", "MonitoredLogin"]


def __getattr__(name: str) -> object:
    """A component, from the file that has its name in snake_case."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    file = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return getattr(import_module(f"{__name__}.{file}"), name)
