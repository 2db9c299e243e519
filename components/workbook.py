"""The workbook's JSON, made from the tiles of `kql/workbooks/`. Pure.

The shapes are those that Azure's own workbooks have (microsoft/Application-Insights-Workbooks,
`schema/workbook.json` and `Workbooks/Azure Resources/Alerts/Alerts.workbook`).
"""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from components.content.log_sources import Owners
from components.content.workbook_tile import SIZES, WorkbookTile

VERSION = "Notebook/1.0"
DISPLAY_NAME = "Login security"
TIME_RANGE = "TimeRange"

_SCHEMA = (
    "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json"
)
_WORKSPACES = "microsoft.operationalinsights/workspaces"
_RESOURCE_GRAPH = "microsoft.resourcegraph/resources"
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
# Two days are what one alert rule can see; a month is what Azure keeps alerts for.
_RANGES_MS = (
    _HOUR_MS,
    4 * _HOUR_MS,
    12 * _HOUR_MS,
    _DAY_MS,
    2 * _DAY_MS,
    7 * _DAY_MS,
    14 * _DAY_MS,
    30 * _DAY_MS,
)
_NAMESPACE = uuid.UUID("7a1f4f0e-6f0b-5f3c-9d6e-0b1c9a3c5d21")
_INTRODUCTION = (
    "# Login security\n"
    "What the alert rules look at, for people: sign-ins, web attacks, alerts, who did what, and"
    " whether the log can be trusted. Choose a time range; **Account** narrows the audit trail."
    " The workspace has hunting queries for what comes next."
)


def name(workspace_id: str, logical_name: str) -> str:
    """The workbook's Azure name, a lower-case GUID: the same for the same workspace and name."""
    return str(uuid.uuid5(_NAMESPACE, f"{workspace_id.lower()}/{logical_name}"))


def serialized(
    workspace_id: str,
    tiles: Sequence[WorkbookTile],
    runbook: str = "",
    owners: Owners | None = None,
) -> str:
    """The workbook as the JSON text that Azure keeps; `workspace_id` is an ARM id."""
    return json.dumps(content(workspace_id, tiles, runbook, owners), ensure_ascii=False)


def content(
    workspace_id: str,
    tiles: Sequence[WorkbookTile],
    runbook: str = "",
    owners: Owners | None = None,
) -> dict[str, Any]:
    """Introduction, parameters, each section's heading and tiles in their order, the runbook.

    `owners`: whose rows the tiles show, those of every app in the workspace by default.
    """
    items = [_text("introduction", _INTRODUCTION), _parameters(workspace_id)]
    section = ""
    for tile in tiles:
        if tile.section != section:
            section = tile.section
            items.append(_text(f"section {section}", f"## {section}"))
        items.append(_tile(tile, workspace_id, owners))
    if runbook:
        items.append(_text("runbook", runbook))
    return {
        "version": VERSION,
        "items": items,
        "fallbackResourceIds": [workspace_id],
        "$schema": _SCHEMA,
    }


def _text(item_name: str, markdown: str) -> dict[str, Any]:
    return {"type": 1, "content": {"json": markdown}, "name": item_name}


def _parameters(workspace_id: str) -> dict[str, Any]:
    return {
        "type": 9,
        "content": {
            "version": "KqlParameterItem/1.0",
            "parameters": [
                {
                    **_parameter(workspace_id, TIME_RANGE, "Time range", 4),
                    "isRequired": True,
                    "value": {"durationMs": _DAY_MS},
                    "typeSettings": {
                        "selectableValues": [{"durationMs": each} for each in _RANGES_MS],
                        "allowCustom": True,
                    },
                },
                {**_parameter(workspace_id, "Account", "Account", 1), "value": ""},
                {
                    **_parameter(workspace_id, "ResourceGroup", "Resource group", 1),
                    "value": _resource_group(workspace_id),
                    "isHiddenWhenLocked": True,
                },
            ],
            "style": "pills",
            "queryType": 0,
            "resourceType": _WORKSPACES,
        },
        "name": "parameters",
    }


def _parameter(workspace_id: str, parameter: str, label: str, kind: int) -> dict[str, Any]:
    return {
        "id": name(workspace_id, f"parameter {parameter}"),
        "version": "KqlParameterItem/1.0",
        "name": parameter,
        "label": label,
        "type": kind,
    }


def _tile(tile: WorkbookTile, workspace_id: str, owners: Owners | None) -> dict[str, Any]:
    from_graph = tile.source == "resource_graph"
    settings: dict[str, Any] = {
        "version": "KqlItem/1.0",
        "query": tile.rendered_query(owners),
        "size": SIZES[tile.size],
        "title": tile.title,
        # Azure Resource Graph knows no time context; its queries name the range themselves.
        "timeContextFromParameter": TIME_RANGE,
        "showExportToExcel": True,
        "queryType": 1 if from_graph else 0,
        "resourceType": _RESOURCE_GRAPH if from_graph else _WORKSPACES,
        "crossComponentResources": [_subscription(workspace_id) if from_graph else workspace_id],
        "visualization": tile.visualization,
    }
    if tile.empty:
        settings["noDataMessage"] = tile.empty
    if tile.visualization == "table":
        settings["gridSettings"] = {"filter": True}
    item: dict[str, Any] = {
        "type": 3,
        "content": settings,
        "name": tile.slug,
        "styleSettings": {"showBorder": True},
    }
    if tile.width < 100:
        item["customWidth"] = str(tile.width)
    return item


def _subscription(workspace_id: str) -> str:
    return "/".join(workspace_id.split("/")[:3])


def _resource_group(workspace_id: str) -> str:
    parts = workspace_id.split("/")
    return parts[4] if len(parts) > 4 else ""
