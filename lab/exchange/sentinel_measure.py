"""The comparison with a threshold at the end of a query: `| where Hits > Limit and Names > 3`."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from components.limits.kql_text import masked, without_comments

SIGNS: Final = {
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqual",
    "<": "LessThan",
    "<=": "LessThanOrEqual",
}
_TAIL: Final = frozenset(
    (
        *("extend", "project", "project-away", "project-reorder", "project-keep", "sort", "order"),
        *("project-rename",),
    )
)
"""Operators that may follow the comparison without changing which rows there are."""
_COMPARISON: Final = re.compile(r"\s*(\w+)\s*(>=|<=|>|<)\s*(-?\w+(?:\.\d+)?)\s*")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_CONSTANT: Final = re.compile(r"\blet\s+(\w+)\s*=\s*(-?\d+(?:\.\d+)?)\s*;[ \t]*\n?")


@dataclass(frozen=True)
class Threshold:
    """What was compared with which number; `body` is the query without it."""

    column: str
    operator: str
    value: float
    body: str
    named: str = ""
    """The `let` that held the number, where one did."""


def find(body: str, numbers: Collection[str]) -> Threshold | None:
    """The last comparison of a numeric column; None where the rows are filtered otherwise."""
    code = masked(body)
    constants = {found[1]: found[2] for found in _CONSTANT.finditer(code)}
    for start, end in _operators(code):
        word = re.match(r"\|\s*([\w-]+)", code[start:end])
        if word is None:
            return None
        if word[1] in _TAIL:
            continue
        if word[1] != "where":
            return None
        return _of_where(body, code, (start + word.end(), end), start, constants, numbers)
    return None


def _of_where(
    body: str,
    code: str,
    inside: tuple[int, int],
    start: int,
    constants: Mapping[str, str],
    numbers: Collection[str],
) -> Threshold | None:
    parts = _conjuncts(code, *inside)
    for number, (begin, end) in enumerate(parts):
        found = _COMPARISON.fullmatch(code[begin:end])
        if found is None or found[1] not in numbers:
            continue
        value = constants.get(found[3], found[3])
        if not _NUMBER.fullmatch(value):
            continue
        rest = [_bare(body[a:b]) for n, (a, b) in enumerate(parts) if n != number]
        kept = f"| where {' and '.join(rest)}" if rest else ""
        after = body[inside[1] :]
        before = body[:start] if kept else body[:start].rstrip()
        without = before + kept + ("" if after.startswith("\n") or not kept else "\n") + after
        named = found[3] if found[3] in constants else ""
        amount = float(value) if "." in value else int(value)
        return Threshold(found[1], SIGNS[found[2]], amount, _without_let(without, named), named)
    return None


def _bare(text: str) -> str:
    """A condition without the comments around it, which would hide what follows."""
    return " ".join(without_comments(text).split())


def _without_let(body: str, name: str) -> str:
    """A constant that nothing needs any more goes."""
    if not name or len(re.findall(rf"\b{name}\b", masked(body))) > 1:
        return body
    for found in _CONSTANT.finditer(masked(body)):
        if found[1] == name:
            return body[: found.start()] + body[found.end() :].lstrip(" ")
    return body


def _operators(code: str) -> Iterator[tuple[int, int]]:
    """The pipe operators of the last statement, the last first; places in the text."""
    depth, begin = 0, 0
    places: list[int] = []
    for at, sign in enumerate(code):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and sign == ";" and code[at + 1 :].strip():
            places, begin = [], at + 1
        elif depth == 0 and sign == "|" and at >= begin:
            places.append(at)
    ends = [*places[1:], len(code.rstrip().rstrip(";"))]
    yield from reversed(list(zip(places, ends, strict=False)))


def _conjuncts(code: str, begin: int, end: int) -> list[tuple[int, int]]:
    """What `and` joins at the top level; all of it where there is an `or`."""
    depth, at, parts = 0, begin, []
    for found in re.finditer(r"[([{]|[)\]}]|\b(?:and|or)\b", code[begin:end]):
        if found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth -= 1
        elif depth == 0 and found[0] == "or":
            return [(begin, end)]
        elif depth == 0:
            parts.append((at, begin + found.start()))
            at = begin + found.end()
    return [*parts, (at, end)]
