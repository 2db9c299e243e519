"""A stand-in for Azure to ask what a program would make: no app runs, and nothing is kept."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lab.azure import Azure
from lab.clock.clock import Clock

_ANY_TIME: Final = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


@contextmanager
def throwaway(moment: datetime = _ANY_TIME) -> Iterator[Azure]:
    """Empty, and gone at the end with its folder."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        Azure(Clock(moment), state_dir=Path(scratch), run_apps=False) as azure,
    ):
        yield azure
