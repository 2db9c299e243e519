"""Lint of regular expressions: each one that stands in a query as a literal, or as the constant of
a `let`, is put to RE2, which the lab's engine uses."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import duckdb

from components.limits import kql_text
from components.limits.kql_text import Token
from lab.check.finding import Finding
from lab.check.query import Query

_PATTERN_ARGUMENT: Final = {
    "extract": 0,
    "extract_all": 0,
    "replace_regex": 1,
    "trim": 0,
    "trim_end": 0,
    "trim_start": 0,
}
_REASON: Final = re.compile(r"(?:Error: )(.*)")


class _Pattern(NamedTuple):
    literal: str
    start: int


def check(queries: Sequence[Query]) -> list[Finding]:
    """Every pattern of the queries' own text that RE2 refuses."""
    connection = duckdb.connect()
    try:
        return [finding for query in queries for finding in _refused(query, connection)]
    finally:
        connection.close()


def _refused(query: Query, connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for pattern in dict.fromkeys(_patterns(query.file.body)):
        try:
            connection.execute("SELECT regexp_matches('', ?)", [kql_text.value(pattern.literal)])
        except duckdb.Error as error:
            reason = _REASON.search(str(error).split("\n")[0])
            what = f"RE2 refuses the pattern: {reason[1] if reason else 'it cannot be read'}"
            yield query.at(
                pattern.start,
                len(pattern.literal),
                "regex-refused",
                what,
                "expected a pattern without look-around and back references",
            )


def _patterns(body: str) -> Iterator[_Pattern]:
    found = [each for each in kql_text.tokens(body) if each.kind != "comment"]
    constants = _constants(found)
    for number, token in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        if following is None:
            return
        if token.text == "regex" and number and found[number - 1].text == "matches":
            yield from _pattern(following, constants)
        position = _PATTERN_ARGUMENT.get(token.text)
        if position is not None and following.text == "(":
            yield from _pattern(_argument(found[number + 2 :], position), constants)


def _constants(found: Sequence[Token]) -> dict[str, Token]:
    """Texts by the name of the `let` that holds nothing else."""
    return {
        name.text: text
        for let, name, equals, text, end in zip(
            found, found[1:], found[2:], found[3:], found[4:], strict=False
        )
        if let.text == "let" and equals.text == "=" and text.kind == "text" and end.text == ";"
    }


def _argument(found: Sequence[Token], position: int) -> Token | None:
    """The first token of an argument, the text in front being `name(`."""
    depth = 0
    starts = True
    for token in found:
        if starts and position == 0:
            return token
        starts = False
        if token.text in ("(", "["):
            depth += 1
        elif token.text in (")", "]"):
            depth -= 1
        elif token.text == "," and depth == 0:
            position -= 1
            starts = True
        if depth < 0:
            return None
    return None


def _pattern(token: Token | None, constants: dict[str, Token]) -> Iterator[_Pattern]:
    if token is not None and token.kind == "word":
        token = constants.get(token.text)
    if token is not None and token.kind == "text":
        yield _Pattern(token.text, token.start)
