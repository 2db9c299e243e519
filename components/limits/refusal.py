"""The words of a refusal: where, what, expected."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]


def nearest(word: str, known: Iterable[str]) -> str:
    """What a message expects instead of a word that is not known."""
    known = sorted(known)
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return f"expected one of {', '.join(known)}"


def shown(path: Path) -> str:
    """The path as messages show it: from the project's root where it lies inside."""
    try:
        return path.resolve().relative_to(_ROOT).as_posix()
    except ValueError:
        return str(path)
