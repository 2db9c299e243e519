"""How this very command line was started, for hints that work when they are typed."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

WRITTEN: Final = "python -m lab"
"""How messages and documents write it."""


def command(arguments: str = "") -> str:
    """`.venv/bin/python -m lab query …` as it can be typed in the folder where this one was."""
    return f"{_python()} -m lab {arguments}".rstrip()


def as_typed(text: str) -> str:
    """A message with `python -m lab` in it, as it can be typed here."""
    return text.replace(WRITTEN, command()) if WRITTEN in text else text


def _python() -> str:
    """As short as it can be: by name where that finds the same Python, else from this folder."""
    running = Path(sys.executable)
    for name in ("python", "python3"):
        found = shutil.which(name)
        if found is not None and Path(found) == running:
            return name
    here = Path.cwd()
    return os.path.relpath(running, here) if running.is_relative_to(here) else str(running)
