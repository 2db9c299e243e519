"""Long texts of a message, cut short: a webhook has its query five times, four of them as links."""

from typing import Any, Final

LONGEST: Final = 2000
"""Characters of a text that is shown whole."""

LONGEST_LINK: Final = 300
_BEGINNING: Final = 160


def shortened(value: Any) -> Any:
    """JSON of the same form, in which no text is long."""
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value]
    return text(value) if isinstance(value, str) else value


def text(value: str) -> str:
    """Line by line, so that only a link or an inlined query loses its end."""
    lines = [_line(line) for line in value.split("\n")]
    kept: list[str] = []
    room = LONGEST
    for number, line in enumerate(lines):
        room -= len(line)
        if room < 0:
            return "\n".join([*kept, f"… ({len(lines) - number} more lines)"])
        kept.append(line)
    return "\n".join(kept)


def _line(line: str) -> str:
    limit = LONGEST_LINK if "https://" in line else LONGEST
    if len(line) <= limit:
        return line
    return f"{line[:_BEGINNING]}… ({len(line):,} characters)"
