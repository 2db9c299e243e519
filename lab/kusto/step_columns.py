"""The columns that there are where a query names one that it does not have."""

import re
from collections.abc import Callable, Collection
from typing import Final

from components.limits import kql_text
from components.limits.refusal import nearest
from lab.kusto.engine import KustoError
from lab.kusto.query_tree import Node, parse

_SHOWN: Final = 12


def expected(name: str, columns: Collection[str]) -> str:
    """What a message expects instead of a name: the nearest of the columns, or some of them."""
    answer = nearest(name, columns)
    if answer.startswith("did you mean"):
        return answer
    shown = sorted(columns)[:_SHOWN]
    more = f" and {len(columns) - len(shown)} more" if len(columns) > len(shown) else ""
    return f"expected a column that there is at this step: {', '.join(shown)}{more}"


def before(
    kql: str, name: str, columns: Callable[[str], Collection[str]]
) -> tuple[str, ...] | None:
    """What the steps above the first wrong use of `name` leave; None where that cannot be told.

    `kql` has all its functions with it; `columns` gives the columns of a query's result, or
    raises KustoError.
    """
    code = kql_text.masked(kql)
    # A name before a single `=` is one that the query makes.
    places = re.finditer(rf"(?<![\w$.]){re.escape(name)}(?!\w)(?!\s*=(?![=~]))", code)
    try:
        tree = parse(kql)
    except KustoError:
        return None
    for place in places:
        above = _above(tree, kql, place.start())
        if above is None:
            continue
        try:
            found = columns(above)
        except KustoError:  # a value that only a caller gives, or another wrong name
            continue
        if name not in found:
            return tuple(found)
    return None


def _above(tree: Node, kql: str, place: int) -> str | None:
    """The query up to the operator in which a place lies; None in a source or outside of any."""
    for statement in tree.children:
        if statement.start <= place < statement.end:
            pipe = _innermost(statement, place)
            if pipe is not None:
                source, operator = pipe
                return kql[: statement.start] + kql[source : operator.start]
    return None


def _innermost(statement: Node, place: int) -> tuple[int, Node] | None:
    """Where the innermost pipeline around a place begins, and its operator there."""
    found = None
    for node in statement.walk():
        for operator in node.of("PipedOperator"):
            if operator.start <= place < operator.end:
                found = node.start, operator
    return found
