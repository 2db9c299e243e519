"""`lab status`: what is in the background lab."""

import json
from typing import Any

from rich.table import Table

from lab.background.folder import LiveFolder
from lab.report import voice
from lab.report.plain_text import plain
from lab.verbs.options import Json

NOTHING: dict[str, Any] = {"running": False, "resources": [], "alerts": []}


def command(as_json: Json = False) -> None:
    """Says so when no lab is running; that is no mistake."""
    folder = LiveFolder.usual()
    control = folder.find()
    state = {"running": True, **control.ask("/status")} if control is not None else NOTHING
    if as_json:
        voice.give(json.dumps(state, indent=1))
    elif control is None:
        voice.say("no lab is running; start it: python -m lab start")
    else:
        _show(state, folder)


def _show(state: dict[str, Any], folder: LiveFolder) -> None:
    voice.say(f"lab time: {state['now']} (speed {state['speed']:g})")
    for name, app in state["apps"].items():
        voice.say(f"app {name}: {app['url']} ({app['state']})")
    voice.say(f"webhook inbox: {state['webhook']} ({len(state['inbox'])} messages)")
    voice.say(f"users and passwords: {folder.users}")
    table = Table("type", "name", title=f"{len(state['resources'])} resources")
    for resource in state["resources"]:
        table.add_row(plain(resource["type"]), plain(resource["name"]))
    voice.show(table)
    if not state["alerts"]:
        return
    table = Table("rule", "for", "fired", "resolved", title=f"{len(state['alerts'])} alerts")
    for alert in state["alerts"]:
        whom = ", ".join(map(str, alert["dimensions"].values()))
        table.add_row(plain(alert["rule"]), plain(whom), alert["fired_at"], alert["resolved_at"])
    voice.show(table)
