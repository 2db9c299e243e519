"""A refusal: where something is wrong, what is wrong, and what is expected instead.

Whatever a person gives (a setting, a head, a case, a resource, an option) is refused in this one
shape. Its text is made here, and only here, so no message has to be taken apart again.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import ClassVar, Final, Self

_ROOT: Final = Path(__file__).resolve().parents[2]
_SHOWN_CHARACTERS: Final = 80


class _Given(Enum):
    NOTHING = "nothing"
    SECRET = "[secret]"  # noqa: S105 what is shown instead of one


ABSENT: Final = _Given.NOTHING
"""The value of a refusal that is about no value, or about one that is missing."""


@dataclass(frozen=True)
class Place:
    """Where something stands; what is not known, or does not apply, stays empty.

    `file` is as messages show it, `line` counts from 1. `key` is a path in a file or in settings
    (`events[0].every`), `property` one of a resource (`criteria.allOf[0].operator`), `resource` the
    resource's type and name.
    """

    file: str = ""
    line: int | None = None
    key: str = ""
    resource: str = ""
    property: str = ""

    def in_file(self) -> str:
        """`file:line`, as far as it is known."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def below(self, key: str) -> "Place":
        """The same place, with its key as one inside another: `cpu.severity` below `alerts`."""
        dot = "." if self.key and not self.key.startswith(("[", ".")) else ""
        return replace(self, key=f"{key}{dot}{self.key}")


NOWHERE: Final = Place()
"""The place of a refusal whose words say everything."""


@dataclass(frozen=True)
class Refusal:
    """One thing that is wrong. `what` goes on from the key or property and its value.

    `expected` is a clause with its verb: `expected 0 to 4`, `did you mean 'window'?`.
    """

    where: Place
    what: str
    expected: str = ""
    value: object = ABSENT

    @property
    def problem(self) -> str:
        """What is wrong, without what is expected and without the file: `severity 7 is …`."""
        words = [self.where.property or self.where.key]
        if self.value is not ABSENT:
            words.append(_shown(self.value))
        return " ".join(word for word in (*words, self.what) if word)

    def __str__(self) -> str:
        """`<resource>: <key> <value> <what>; <expected> (<file>:<line>)`, in one line."""
        text = f"{self.problem}; {self.expected}" if self.expected else self.problem
        if self.where.resource:
            text = f"{self.where.resource}: {text}"
        return f"{text} ({self.where.in_file()})" if self.where.file else text

    def hidden(self) -> "Refusal":
        """The same without its value, which is a secret."""
        return self if self.value is ABSENT else replace(self, value=_Given.SECRET)

    def below(self, key: str) -> "Refusal":
        """The same, said of a key inside another."""
        return replace(self, where=self.where.below(key))


class RefusedError(Exception):
    """What somebody gave cannot be used: every reason, told without a traceback.

    A program that ends with it exits with `exit_code`. A class of its own is for those that a
    caller tells apart.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(*refusals)
        self.refusals = refusals

    @classmethod
    def of(cls, what: str, expected: str = "") -> Self:
        """With one refusal whose words say everything, such as one of a command's option."""
        return cls(Refusal(NOWHERE, what, expected))

    def __str__(self) -> str:
        return "\n".join(map(str, self.refusals))


class FailedError(RefusedError):
    """What was asked for could be used, and did not succeed."""

    exit_code = 1


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


def _shown(value: object) -> str:
    if isinstance(value, _Given):
        return str(value.value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
