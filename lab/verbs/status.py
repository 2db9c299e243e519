"""`lab status`: what is in the background lab."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table

from lab.background.folder import LiveFolder

NOTHING: dict[str, Any] = {"running": False, "resources": [], "alerts": []}


def run(as_json: bool, *, out: Console) -> bool:
    """Whether a lab is running."""
    folder = LiveFolder.usual()
    door = folder.find()
    found = {"running": True, **door.ask("/status")} if door is not None else NOTHING
    if as_json:
        print(json.dumps(found, indent=1))
    elif door is None:
        out.print("no lab is running; start it: python -m lab start")
    else:
        _show(found, folder, out)
    return door is not None


def _show(found: dict[str, Any], folder: LiveFolder, out: Console) -> None:
    out.print(f"lab time: {found['now']} (speed {found['speed']:g})", highlight=False)
    for name, app in found["apps"].items():
        out.print(f"app {name}: {app['url']} ({app['state']})", highlight=False)
    messages = len(found["inbox"])
    out.print(f"webhook inbox: {found['webhook']} ({messages} messages)", highlight=False)
    out.print(f"users and passwords: {folder.users}", highlight=False)
    table = Table("type", "name", title=f"{len(found['resources'])} resources")
    for each in found["resources"]:
        table.add_row(each["type"], each["name"])
    out.print(table)
    if not found["alerts"]:
        return
    table = Table("rule", "for", "fired", "resolved", title=f"{len(found['alerts'])} alerts")
    for each in found["alerts"]:
        whom = ", ".join(map(str, each["dimensions"].values()))
        table.add_row(each["rule"], whom, each["fired_at"], each["resolved_at"] or "")
    out.print(table)
