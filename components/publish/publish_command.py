"""The shell command that brings the code. Pure: no pulumi, no I/O."""

import os
import shlex
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def publish_command() -> str:
    """The shell command that brings the code; the same text on every machine with a .venv."""
    return shlex.join([from_here(Path(sys.executable)), from_here(_HERE / "publish.py")])


def from_here(path: Path) -> str:
    """Relative where it lies in the working folder, so that no machine's path enters the state."""
    relative = os.path.relpath(os.path.abspath(path))
    return str(path) if relative.startswith(os.pardir) else Path(relative).as_posix()
