"""Modules of the login app that the Django example ships as well: each app is deployed alone."""

from collections.abc import Callable
from functools import partial
from typing import Final

from components.content.places import APP_SOURCE

FOLDER: Final = "examples/django_postgres/app/login_events"
_OWN_NAMES: Final = (
    ("login_app.login_events", "login_events.events"),
    ("login_app.", "login_events."),
    ('"login-monitor", "login-app"', '"login-monitor", "django"'),
)
_MODULES: Final = {
    "client_address": "client_address",
    "console": "console",
    "events": "login_events",
    "json_line": "json_line",
    "log_budget": "log_budget",
}
"""What each is called there, and in the login app."""


def copies() -> dict[str, Callable[[], str]]:
    """What makes each of the example's modules, by its path."""
    return {f"{FOLDER}/{name}.py": partial(_copy, original) for name, original in _MODULES.items()}


def _copy(original: str) -> str:
    text = (APP_SOURCE / "login_app" / f"{original}.py").read_text(encoding="utf-8")
    for ours, theirs in _OWN_NAMES:
        text = text.replace(ours, theirs)
    return f"# `make docs` makes this file of app_src/login_app/{original}.py.\n{text}"
