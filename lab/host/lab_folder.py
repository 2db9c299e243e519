"""Where the lab keeps what it makes: `.lab` beside the program, or where LOGIN_MONITOR_LAB says."""

import os
from pathlib import Path
from typing import Final

from components.content.places import ROOT

VARIABLE: Final = "LOGIN_MONITOR_LAB"
_USUAL: Final = ROOT / ".lab"


def lab_folder() -> Path:
    """Of this run; two runs that use different ones do not disturb each other."""
    return Path(os.environ.get(VARIABLE) or _USUAL)


def builds_folder() -> Path:
    """Built apps are the same for every run: beside the program, unless that is read-only."""
    place = _USUAL if _USUAL.exists() else ROOT
    return _USUAL if os.access(place, os.W_OK) else lab_folder()
