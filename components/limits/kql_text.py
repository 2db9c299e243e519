"""The words of a KQL text and where they stand, comments and literals told from code."""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

Kind = Literal["comment", "text", "word", "number", "sign"]

_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*)"""
    r"""|(?P<text>```.*?```|~~~.*?~~~|[hH]?@"(?:[^"]|"")*"|[hH]?@'(?:[^']|'')*'"""
    r"""|[hH]?"(?:\\.|[^"\\\n])*"|[hH]?'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<word>[A-Za-z_$]\w*)|(?P<number>\d\w*(?:\.\d\w*)?)|(?P<sign>[^\s\w])""",
    re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b"}


class Token(NamedTuple):
    """A piece of the text as it is written; `start` counts characters from 0."""

    kind: Kind
    text: str
    start: int


def tokens(kql: str) -> Iterator[Token]:
    """Every piece in order; white space lies between them."""
    for found in _TOKEN.finditer(kql):
        kind: Kind = found.lastgroup  # type: ignore[assignment]  # one of the groups matched
        yield Token(kind, found[0], found.start())


def masked(kql: str) -> str:
    """The text with comments and the insides of literals blank; every place stays where it is."""

    def blank(found: re.Match[str]) -> str:
        if found.lastgroup == "comment":
            return " " * len(found[0])
        if found.lastgroup != "text":
            return found[0]
        inside = re.sub(r"[^\n]", " ", found[0][1:-1])
        return f'"{inside}"'

    return _TOKEN.sub(blank, kql)


def code_only(kql: str) -> str:
    """The text without comments, each string literal as `""`; lines keep their numbers."""

    def blank(found: re.Match[str]) -> str:
        if found.lastgroup not in ("comment", "text"):
            return found[0]
        newlines = "\n" * found[0].count("\n")
        return newlines if found.lastgroup == "comment" else f'""{newlines}'

    return _TOKEN.sub(blank, kql)


def without_comments(kql: str) -> str:
    """The text with comments blank; literals stay."""
    return _TOKEN.sub(
        lambda found: " " * len(found[0]) if found.lastgroup == "comment" else found[0], kql
    )


def value(literal: str) -> str:
    """What a text literal stands for."""
    literal = literal.removeprefix("h").removeprefix("H")
    if literal[:3] in ("```", "~~~"):
        return literal[3:-3]
    if literal.startswith("@"):
        quote = literal[1]
        return literal[2:-1].replace(quote * 2, quote)
    return re.sub(
        r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", lambda found: _escaped(found[1]), literal[1:-1]
    )


def _escaped(code: str) -> str:
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)
