"""What the stack of the last rehearsal had changed about each detection, kept beside its rows."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from components.content.detection import Detection
from lab.azure import Azure
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.rehearsal.deployed_detections import slug_of

_FILE: Final = "deployed.json"


def keep(azure: Azure, folder: Path) -> None:
    """Threshold, window and frequency of each deployed rule, by slug."""
    found = {
        slug: {
            "threshold": each.rule.threshold,
            "window": each.rule.window_size,
            "frequency": _iso(each.rule.frequency),
        }
        for each in azure.service(Evaluator).runners.values()
        if (slug := slug_of(each))
    }
    (folder / _FILE).write_text(json.dumps(found, indent=1), encoding="utf-8")


def as_deployed(detection: Detection, folder: Path) -> Detection:
    """The detection with the values that the rehearsed stack gave it, if it had it."""
    try:
        read: dict[str, Any] = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except OSError:
        return detection
    values = read.get(detection.slug)
    return detection if values is None else replace(detection, **values)


def _iso(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    days, minutes = divmod(minutes, 1440)
    if days and not minutes:
        return f"P{days}D"
    minutes += days * 1440
    return f"PT{minutes // 60}H" if minutes % 60 == 0 else f"PT{minutes}M"
