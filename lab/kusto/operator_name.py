"""The operator that somebody meant, where a query has a word that is none."""

import difflib
import re
from typing import Final

from components.limits.kql_text import masked

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

_OLD: Final = frozenset({"mvexpand", "mvapply"})
"""Spellings that Kusto still takes."""

_AFTER_A_BAR: Final = re.compile(r"\|\s*([A-Za-z]\w*(?:-\w+)*)")


def meant(word: str) -> str | None:
    """The operator that is nearest to a word; None where it is one, or near to none."""
    if word in OPERATORS:
        return None
    near = difflib.get_close_matches(word.casefold(), OPERATORS, n=1, cutoff=0.7)
    return near[0] if near else None


def slip(kql: str) -> tuple[str, int, int] | None:
    """Message and place of the first word that is no operator; None without any."""
    for found in _AFTER_A_BAR.finditer(masked(kql)):
        word = found[1]
        if word in OPERATORS or word in _OLD:
            continue
        better = meant(word)
        expectation = (
            f"did you mean {better!r}?" if better else "expected an operator such as where"
        )
        return f"operator {word!r} is unknown; {expectation}", found.start(1), found.end(1)
    return None


def is_like(pattern: str, name: str) -> bool:
    """Whether a pattern with `*`, as in `App*`, stands for a name; case counts."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None
