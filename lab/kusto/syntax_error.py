"""What is wrong with a text that is no KQL, in words of its writer's."""

import re
from typing import Final

from duckdb_kql.errors import KqlSyntaxError

from components.limits import kql_text
from lab.kusto import operator_name
from lab.kusto.kusto_error import KustoError, placed

_FEW: Final = 4
_EXPECTING: Final = re.compile(r"expecting (?:\{(?P<many>.*)\}|(?P<one>.+))$", re.DOTALL)
_MISSING: Final = re.compile(r"missing '(?P<what>[^']+)' at")
_WHERE: Final = re.compile(r"\|?\s*(?:where|filter)\b")
_EQUALS: Final = re.compile(r"(?<![=!<>~])=(?![=~])")
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}"}


def told(error: KqlSyntaxError, kql: str) -> KustoError:
    """The refusal with its place; what was meant where that can be guessed."""
    if not kql_text.code_only(kql).strip():
        return placed("the query is empty; expected one such as LoginEvents | take 5", kql, 0, 0)
    if found := operator_name.slip(kql):
        message, start, end = found
        return placed(message, kql, start, end)
    first = error.diagnostics[0]
    start = _offset(kql, first.span.line, first.span.column)
    if unclosed := _unclosed(kql):
        return unclosed
    if equals := _single_equals(kql, start):
        return equals
    word = _word_at(kql, start)
    message = f"{word!r} is not expected here; {_expected(first.message, kql, start)}"
    if not word:
        message = f"the query ends too early; {_expected(first.message, kql, start)}"
    return placed(message, kql, start, start + len(word))


def _single_equals(kql: str, start: int) -> KustoError | None:
    """A `=` in the `where` in which the parser gives up; it blames the bar before it."""
    code = kql_text.masked(kql)
    if not (operator := _WHERE.match(code, start)):
        return None
    end = code.find("|", operator.end())
    found = _EQUALS.search(code, operator.end(), end if end > 0 else len(code))
    if found is None:
        return None
    return placed("'=' compares nothing; did you mean '=='?", kql, found.start(), found.end())


def _offset(kql: str, line: int, column: int) -> int:
    lines = kql.split("\n")
    return min(sum(len(each) + 1 for each in lines[: line - 1]) + column, len(kql))


def _word_at(kql: str, start: int) -> str:
    found = re.match(r"\w[\w-]*|'[^'\n]*'|\"[^\"\n]*\"|[=!<>~]+|\S", kql[start:])
    return found[0] if found else ""


def _expected(message: str, kql: str, start: int) -> str:
    if kql[start : start + 1] == "=" and kql[start + 1 : start + 2] not in ("=", "~"):
        return "did you mean '=='?"
    if missing := _MISSING.search(message):
        return f"expected {missing['what']!r} before it"
    found = _EXPECTING.search(message)
    listed = (found["many"] or found["one"] or "") if found else ""
    words = [each for each in re.findall(r"'([^']+)'", listed) if each != "<EOF>"]
    if not words or len(words) > _FEW or set(words) <= {";"}:
        return "expected | before the next operator, or ; before the next statement"
    return f"expected {' or '.join(repr(each) for each in words)}"


def _unclosed(kql: str) -> KustoError | None:
    """The first bracket that is not closed, or that closes nothing."""
    open_ones: list[tuple[str, int]] = []
    for number, sign in enumerate(kql_text.masked(kql)):
        if sign in _BRACKETS:
            open_ones.append((sign, number))
        elif sign in _BRACKETS.values():
            if not open_ones or _BRACKETS[open_ones[-1][0]] != sign:
                return placed(f"{sign!r} closes nothing", kql, number, number + 1)
            open_ones.pop()
    if not open_ones:
        return None
    sign, number = open_ones[-1]
    return placed(f"{sign!r} is not closed; expected {_BRACKETS[sign]!r}", kql, number, number + 1)
