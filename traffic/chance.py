"""The dice of the scenarios."""

from random import Random


def chance(*parts: str | int) -> Random:
    """Dice that fall the same way for the same parts, on every machine and in every process."""
    return Random(":".join(str(part) for part in parts))  # noqa: S311 (must repeat, guards nothing)
