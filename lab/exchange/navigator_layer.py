"""The coverage of ATT&CK as a layer of ATT&CK Navigator, layer format 4.5.

Format: "ATT&CK Navigator Layer File Format Definition", version 4.5, of mitre-attack's
attack-navigator.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from components.content.attack_coverage import CELLS, Coverage

ATTACK_VERSION: Final = "18"
"""That of components/content/attack_techniques.txt."""

NAVIGATOR_VERSION: Final = "5.1.0"
LAYER_VERSION: Final = "4.5"
SCORES: Final = {"claimed": 25, "tested": 50, "fired": 75, "proven": 100}
COLOURS: Final = {
    "claimed": "#d9dfe7",
    "tested": "#9db8d9",
    "fired": "#f2cf73",
    "proven": "#6bbf8a",
}
_WORDS: Final = {
    "claimed": "claimed by a detection, not proven",
    "tested": "fires and stays silent in its cases",
    "fired": "also fired on its attack in a rehearsal",
    "proven": "and raised no alert on ordinary traffic",
}


def level(row: Coverage) -> str:
    """How far the best detection of a technique has come."""
    if row.proven:
        return "proven"
    fired = set(row.tested) & set(row.fired)
    return "fired" if fired else "tested" if row.tested else "claimed"


def text(rows: Sequence[Coverage], library: str) -> str:
    """The layer; `library` says which detections it speaks of."""
    layer = {
        "name": "login-monitor",
        "versions": {
            "attack": ATTACK_VERSION,
            "navigator": NAVIGATOR_VERSION,
            "layer": LAYER_VERSION,
        },
        "domain": "enterprise-attack",
        "description": "Techniques that the detections watch for, and how far that is proven.",
        "sorting": 3,
        "layout": {
            "layout": "side",
            "showID": True,
            "showName": True,
            "expandedSubtechniques": "annotated",
        },
        "hideDisabled": False,
        "techniques": [_technique(row) for row in rows],
        "gradient": {"colors": list(COLOURS.values()), "minValue": 25, "maxValue": 100},
        "legendItems": [{"label": words, "color": COLOURS[each]} for each, words in _WORDS.items()],
        "metadata": [{"name": "detections", "value": library}],
    }
    return json.dumps(layer, indent=2, ensure_ascii=False) + "\n"


def _technique(row: Coverage) -> dict[str, Any]:
    reached = level(row)
    return {
        "techniqueID": row.technique,
        "score": SCORES[reached],
        "color": COLOURS[reached],
        "comment": f"{_WORDS[reached]}: {', '.join(row.claimed)}",
        "enabled": True,
        "showSubtechniques": "." not in row.technique,
        "metadata": [
            {"name": cell, "value": ", ".join(getattr(row, cell)) or "none"} for cell in CELLS
        ],
    }
