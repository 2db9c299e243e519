"""The name that somebody meant: the nearest that a query could have used."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from components.content.log_columns import TABLES
from components.limits.refusal import nearest
from lab.check.query import Query
from lab.kusto import nearest_name

_FEW: Final = 12


def column(name: str, query: Query, scope: Collection[str] | None) -> str:
    """What is expected instead of a column: one of `scope`, those that there are at that step."""
    if scope is not None:
        return nearest_name.expected_column(name, scope)
    known = {each for table in TABLES if table in query.whole_code for each in TABLES[table]}
    return _expected(name, known, "a column that there is at this step")


def table(name: str, query: Query) -> str:
    """What is expected instead of a table: one of the lab's, or a function of the library."""
    return _expected(name, query.known_tables, "a table of components/content/tables.json")


def suggested(expectation: str) -> str | None:
    """The name that an expectation proposes, if it does."""
    found = re.fullmatch(r"did you mean '(\w+)'\?", expectation)
    return found[1] if found else None


def _expected(name: str, known: Iterable[str], kind: str) -> str:
    known = list(known)
    answer = nearest(name, known)
    if answer.startswith("expected one of") and len(known) > _FEW:
        return f"expected {kind}"
    return answer
