"""The tables of docs/events.md: the words of the app's events, from the app's own code."""

import json
import subprocess
import sys
from typing import Any

from components.content.places import APP_SOURCE

Rows = list[tuple[str, ...]]

# The package's own __init__ composes the app and needs Flask; its words need nothing.
_CHILD = r"""
import json, sys, types
package = types.ModuleType("login_app")
package.__path__ = [sys.argv[1] + "/login_app"]
sys.modules["login_app"] = package
from dataclasses import asdict
from login_app import refusals
from login_app.login_events import EventType, LoginEvent
found = [each for each in vars(refusals).values() if isinstance(each, refusals.Refusal)]
json.dump({
    "refusals": [asdict(each) for each in found],
    "types": [[each.value, each.schema] for each in EventType],
}, sys.stdout)
"""


def words() -> dict[str, Any]:
    """Refusals and types of events, as the app has them."""
    child = subprocess.run(  # noqa: S603  # our own interpreter and our own code
        [sys.executable, "-I", "-c", _CHILD, str(APP_SOURCE)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: dict[str, Any] = json.loads(child.stdout)
    return found


def refusals(found: dict[str, Any]) -> Rows:
    """Details, the app's own word, status, whether a password was looked at, when it happens."""
    return [
        (
            f"`{each['details']}`",
            f"`{each['original_details']}`" if each["original_details"] else "",
            str(each["status"]),
            "yes" if each["checks_password"] else "no",
            each["meaning"],
        )
        for each in found["refusals"]
    ]


def types(found: dict[str, Any]) -> Rows:
    """Each type of event with its schema."""
    return [(f"`{name}`", f"`{schema}`") for name, schema in found["types"]]
