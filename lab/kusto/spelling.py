"""KQL that Kusto reads and the translator's grammar does not, spelt so that both do.

The grammar that Microsoft publishes is stricter about names than Kusto: a column or a `let` may
be called `count` or `limit`, `table("name")` is a table, `serialize` may stand alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from components.limits import kql_text
from components.limits.kql_text import Token
from lab.kusto.edited_text import Edit, EditedText, edited

TABLE: Final = "table_"
"""How `table(…)` is spelt for the grammar."""

_WORDS: Final = frozenset(
    {
        *("count", "distinct", "extend", "filter", "find", "invoke", "join", "limit"),
        *("lookup", "order", "parse", "partition", "reduce", "render", "sample", "scan"),
        *("search", "serialize", "sort", "table", "take", "top", "union", "fork", "facet"),
    }
)
"""Words of the grammar that Kusto also takes as names."""

_DEFINES: Final = frozenset(
    {",", "(", "let", "extend", "project", "summarize", "by", "distinct", "print", "datatable"}
)
_AS_COUNT: Final = re.compile(r"\|\s*(count\s+as\s+(\w+))")
_FIRST: Final = re.compile(r"\|\s*(?:make-series|distinct)\s+(?!hint\b|kind\b)(\w+)\s*=(?![=~])")
"""The grammar takes a name that comes first for a parameter of the operator."""

_ALONE: Final = re.compile(r"\|\s*(serialize)\s*(?=$|[|;)])")
_ANY: Final = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS))})\b")


def spelt(kql: str) -> EditedText:
    """The text as the grammar reads it."""
    if not _ANY.search(kql) and not _FIRST.search(kql):
        return EditedText(kql)
    code = kql_text.masked(kql)
    edits = [
        Edit(found.start(1), found.end(1), f"summarize {found[2]} = count()")
        for found in _AS_COUNT.finditer(code)
    ]
    edits += [
        Edit(found.start(1), found.end(1), "as _serialized") for found in _ALONE.finditer(code)
    ]
    edits += [
        Edit(found.start(1), found.end(1), f"['{found[1]}']") for found in _FIRST.finditer(code)
    ]
    tokens = [each for each in kql_text.tokens(kql) if each.kind != "comment"]
    taken = {place for each in edits for place in range(each.start, each.end)}
    edits += [each for each in _names(tokens) if each.start not in taken]
    return edited(kql, edits) if edits else EditedText(kql)


def _names(tokens: Sequence[Token]) -> Iterator[Edit]:
    made = {
        each.text
        for number, each in enumerate(tokens)
        if each.text in _WORDS and _is_made(tokens, number)
    }
    for number, each in enumerate(tokens):
        after = tokens[number + 1].text if number + 1 < len(tokens) else ""
        end = each.start + len(each.text)
        if each.text == "table" and after == "(" and "table" not in made:
            yield Edit(each.start, end, TABLE)
        elif each.text in made and _is_name(tokens, number):
            yield Edit(each.start, end, f"['{each.text}']")


def _is_made(tokens: Sequence[Token], number: int) -> bool:
    """Whether a word gets a value or a type there: `let limit = 5`, `extend count = 5`."""
    if number == 0 or number + 1 >= len(tokens):
        return False
    before, after = tokens[number - 1].text, tokens[number + 1].text
    return before in _DEFINES and (
        (after == "=" and _next(tokens, number + 1) not in ("=", "~"))
        or (after == ":" and before in (",", "("))
    )


def _is_name(tokens: Sequence[Token], number: int) -> bool:
    before = tokens[number - 1].text if number else "|"
    after = tokens[number + 1].text if number + 1 < len(tokens) else ""
    if before in ("|", ".", "$") or after == "(" or before in ("'", '"'):
        return False
    if after == "=" and _next(tokens, number + 1) not in ("=", "~"):
        return _is_made(tokens, number)
    return True


def _next(tokens: Sequence[Token], number: int) -> str:
    """The sign that follows directly, as the second of `==`."""
    if number + 1 >= len(tokens):
        return ""
    found, following = tokens[number], tokens[number + 1]
    return following.text if following.start == found.start + 1 else ""
