"""Where the files of this repository lie."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""The folder of the Pulumi program; components, queries and the app lie inside it."""

KQL: Final = ROOT / "kql"
APP_SOURCE: Final = ROOT / "app_src"
CASES: Final = ROOT / "tests" / "detections"
