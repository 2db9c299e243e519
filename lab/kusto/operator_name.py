"""The operator that somebody meant, where a query has a word that is none."""

import difflib
import re
from typing import Final

from components.limits.kql_text import code_only

OPERATORS: Final = (
    *("as", "assert-schema", "consume", "count", "distinct", "evaluate", "extend", "facet"),
    *("filter", "find", "fork", "getschema", "graph-match", "graph-to-table", "invoke", "join"),
    *("limit", "lookup", "macro-expand", "make-graph", "make-series", "mv-apply", "mv-expand"),
    *("order", "parse", "parse-kv", "parse-where", "partition", "print", "project"),
    *("project-away", "project-keep", "project-rename", "project-reorder", "range", "reduce"),
    *("render", "sample", "sample-distinct", "scan", "search", "serialize", "sort", "summarize"),
    *("take", "top", "top-hitters", "top-nested", "union", "where"),
)
"""From "Tabular operators" of Microsoft's KQL reference."""

_AFTER_A_BAR: Final = re.compile(r"\|\s*([A-Za-z]\w*(?:-\w+)*)")


def meant(word: str) -> str | None:
    """The operator that is nearest to a word; None where it is one, or near to none."""
    if word in OPERATORS:
        return None
    near = difflib.get_close_matches(word.casefold(), OPERATORS, n=1, cutoff=0.7)
    return near[0] if near else None


def slip(kql: str) -> tuple[str, int] | None:
    """Message and line of the first word that is no operator but near one; None without any."""
    code = code_only(kql)
    for found in _AFTER_A_BAR.finditer(code):
        if better := meant(found[1]):
            line = code.count("\n", 0, found.start(1)) + 1
            return f"operator {found[1]!r} is unknown; did you mean {better!r}?", line
    return None
