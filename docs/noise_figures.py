"""How often a detection fires on ordinary people alone, from docs/noise.json."""

import json
from pathlib import Path
from typing import Any

from components.content import attack_coverage
from components.content.detection import Detection

RECORD = Path(__file__).with_name("noise.json")


def sentence(found: Detection) -> str:
    """`Noise: 0 alerts a day on 124 ordinary people (measured 2026-01-05 over 24 h).`"""
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    figure = record["detections"].get(found.slug)
    if figure is None or figure["digest"] != attack_coverage.digest(found):
        return "Noise: not measured in this form; `python -m lab noise --record` does it."
    return (
        f"Noise: {figure['alerts_a_day']:g} alerts a day on {record['users']} ordinary people"
        f" (measured {record['measured']} over {record['hours']:g} h)."
    )
