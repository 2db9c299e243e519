"""The components as a Pulumi package: what programs in other languages see of them."""

import inspect
import json
from importlib import import_module
from typing import Any

import pulumi
from pulumi.provider.experimental.component import ComponentProvider

NAME = "login-monitor"
VERSION = "0.1.0"
"""Of the package; the Git tag of a release is v<VERSION>."""


def offered() -> list[type[pulumi.ComponentResource]]:
    """Every public component."""
    public = import_module("components")
    found = [getattr(public, name) for name in public.__all__]
    for component in found:
        # Pulumi takes the text as it stands, and Markdown makes code of what is indented.
        component.__doc__ = inspect.getdoc(component)
    return found


def schema() -> dict[str, Any]:
    """What the plugin answers when it is asked what it offers."""
    made: dict[str, Any] = json.loads(
        ComponentProvider(offered(), NAME, None, VERSION).schema or ""
    )
    return made
