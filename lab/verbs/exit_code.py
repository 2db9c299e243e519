"""What a verb ends with."""

from typing import Final

PASSED: Final = 0
FAILED: Final = 1
"""Something that was checked is not as it has to be."""

WRONG: Final = 2
"""Wrong usage or input."""
