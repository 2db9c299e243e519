"""The whole multiples of a span since 1970, at which Azure evaluates a rule."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def next_tick(after: datetime, frequency: timedelta) -> datetime:
    """The first whole multiple of the frequency later than a moment."""
    return EPOCH + ((after - EPOCH) // frequency + 1) * frequency
