"""Lines of a file of rows that could not be taken."""

from pathlib import Path
from typing import Final

from lab.logs.log_lines import Refused
from lab.report import voice

_SHOWN: Final = 20


def complain(logs: Path, refused: Refused) -> None:
    """The first ones, each with its number and the reason, and how many there are."""
    for number, reason in refused[:_SHOWN]:
        voice.complain(f"{logs}:{number}: {reason}")
    if len(refused) > _SHOWN:
        voice.complain(f"{logs}: {len(refused)} lines refused in all")
