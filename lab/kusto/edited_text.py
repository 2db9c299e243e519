"""A text with some pieces replaced, which knows where each place came from."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Edit(NamedTuple):
    """`text[start:end]` becomes `instead`."""

    start: int
    end: int
    instead: str


@dataclass(frozen=True)
class EditedText:
    """The new text; `origin` gives the place in the old one."""

    text: str
    _starts: tuple[int, ...] = (0,)
    _pieces: tuple[tuple[int, bool], ...] = field(default=((0, True),))
    """For each stretch where it began before, and whether it is the same text."""

    def origin(self, place: int) -> int:
        """Where a place of the new text lies in the old; a replaced piece by its beginning."""
        number = bisect_right(self._starts, place) - 1
        start, same = self._pieces[number]
        return start + (place - self._starts[number]) * same


def edited(text: str, edits: Iterable[Edit]) -> EditedText:
    """The text after edits that do not overlap."""
    parts: list[str] = []
    starts: list[int] = []
    pieces: list[tuple[int, bool]] = []
    length = at = 0
    for start, end, instead in sorted(edits):
        for piece, origin, same in ((text[at:start], at, True), (instead, start, False)):
            starts.append(length)
            pieces.append((origin, same))
            parts.append(piece)
            length += len(piece)
        at = end
    starts.append(length)
    pieces.append((at, True))
    return EditedText("".join([*parts, text[at:]]), tuple(starts), tuple(pieces))
