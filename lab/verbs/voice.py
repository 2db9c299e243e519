"""What a person or a program reads: results on standard output, everything else on standard error.

A line is never broken, and a table only to fit a terminal: in a file a name stays one word. What
others wrote (user names, addresses) can neither move the cursor nor use markup.
"""

import os
from typing import Final

from rich.console import Console, ConsoleDimensions, RenderableType
from rich.text import Text

from lab.host.invocation import as_typed
from lab.report.plain_text import plain

_UNFOLDED: Final = 1000
"""Columns where nobody looks at a screen."""


class _Voice(Console):
    """As wide as the terminal; a file or a pipe has room for everything."""

    @property
    def size(self) -> ConsoleDimensions:
        asked = os.environ.get("COLUMNS", "")
        if asked.isdigit():
            return ConsoleDimensions(int(asked), super().size.height)
        if self.is_terminal:
            return super().size
        return ConsoleDimensions(_UNFOLDED, super().size.height)

    @size.setter
    def size(self, _new: tuple[int, int]) -> None:
        raise AttributeError("the terminal alone says how large it is")


out: Final = _Voice()
err: Final = _Voice(stderr=True)


def say(text: object = "", style: str = "") -> None:
    """A line of the result, or several."""
    out.print(_line(text, style), soft_wrap=True)


def show(found: RenderableType) -> None:
    """A table of the result."""
    out.print(found)


def give(text: str) -> None:
    """The result for a program, to the byte."""
    print(text, flush=True)


def note(text: object, style: str = "") -> None:
    """How things stand, beside the result."""
    err.print(_line(text, style), soft_wrap=True)


def complain(text: object) -> None:
    """What is wrong, and what was expected."""
    note(text, "red")


def _line(text: object, style: str) -> Text:
    return plain(as_typed(str(text)), style)
