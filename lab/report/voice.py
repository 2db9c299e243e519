"""What a person or a program reads: results on standard output, everything else on standard error.

A name is never broken: a terminal gets lines that end between words, a file gets them whole. What
others wrote (user names, addresses) can neither move the cursor nor use markup.
"""

import os
import textwrap
from typing import Final

from rich.console import Console, ConsoleDimensions, RenderableType

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
    _print(out, text, style)


def show(found: RenderableType) -> None:
    """A table of the result."""
    out.print(found)


def give(text: str) -> None:
    """The result for a program, to the byte."""
    print(text, flush=True)


def note(text: object, style: str = "") -> None:
    """How things stand, beside the result."""
    _print(err, text, style)


def complain(text: object) -> None:
    """What is wrong, and what was expected."""
    note(text, "red")


def _print(console: Console, text: object, style: str) -> None:
    """On a terminal broken between words, elsewhere never: one line is one message."""
    written = as_typed(str(text))
    if console.is_terminal:
        written = "\n".join(_between_words(line, console.width) for line in written.split("\n"))
    console.print(plain(written, style), soft_wrap=True)


def _between_words(line: str, width: int) -> str:
    """A name that is longer than the terminal is wide stays whole."""
    return textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
