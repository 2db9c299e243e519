"""Pulumi components for a monitored login; the same list is offered to other languages.

Each is loaded when it is first asked for: whoever needs only a pure module of this folder (the
rehearsal, the publishing command) does not wait for Pulumi and its Azure SDK.
"""

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.activity_export import ActivityExport
    from components.alert_routing import AlertRouting
    from components.app_logs import AppLogs
    from components.detection_set import DetectionSet
    from components.log_store import LogStore
    from components.login_app import LoginApp
    from components.login_database import LoginDatabase
    from components.monitored_login import MonitoredLogin
    from components.platform_alerts import PlatformAlerts
    from components.private_network import PrivateNetwork
    from components.response_playbook import ResponsePlaybook
    from components.saved_queries import SavedQueries
    from components.secret_vault import SecretVault
    from components.security_dashboard import SecurityDashboard
    from components.sentinel_rules import SentinelRules
    from components.shared_limits import SharedLimits
    from components.web_app import WebApp

__all__ = [
    "ActivityExport",
    "AlertRouting",
    "AppLogs",
    "DetectionSet",
    "LogStore",
    "LoginApp",
    "LoginDatabase",
    "MonitoredLogin",
    "PlatformAlerts",
    "PrivateNetwork",
    "ResponsePlaybook",
    "SavedQueries",
    "SecretVault",
    "SecurityDashboard",
    "SentinelRules",
    "SharedLimits",
    "WebApp",
]


def __getattr__(name: str) -> object:
    """A component, from the file that has its name in snake_case."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    file = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return getattr(import_module(f"{__name__}.{file}"), name)
