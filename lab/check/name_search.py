"""The name that somebody meant: the nearest that a query could have used."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from components.content.log_columns import TABLES
from components.limits import kql_text
from components.limits.refusal import nearest
from lab.check.query import Query
from lab.kusto import step_columns

_DEFINED: Final = re.compile(r"(?<![\w$.=!<>~])([A-Za-z_]\w*)\s*=(?![=~])")
_FEW: Final = 12


def column(name: str, query: Query, scope: Collection[str] | None, text: str = "") -> str:
    """What is expected instead of a column: one of `scope`, those that there are at that step.

    Where an engine does not tell them, one of the tables or one that the query makes. `text` is
    the statement with the tables' right names, where it has wrong ones.
    """
    if scope is not None:
        return step_columns.expected(name, scope)
    tables = _tables_named(kql_text.masked(text) if text else query.whole_code)
    known = {each for table in tables for each in TABLES[table]}
    known |= set(_DEFINED.findall(query.whole_code)) - {name}
    return _expected(name, known, f"a column of {' or '.join(tables)}" if tables else "a column")


def table(name: str, query: Query) -> str:
    """What is expected instead of a table: one of the lab's, or a function of the library."""
    return _expected(name, query.known_tables, "a table of components/content/tables.json")


def suggested(expectation: str) -> str | None:
    """The name that an expectation proposes, if it does."""
    found = re.fullmatch(r"did you mean '(\w+)'\?", expectation)
    return found[1] if found else None


def _tables_named(code: str) -> list[str]:
    return [name for name in TABLES if re.search(rf"\b{name}\b", code)]


def _expected(name: str, known: Iterable[str], kind: str) -> str:
    known = list(known)
    answer = nearest(name, known)
    if answer.startswith("expected one of") and len(known) > _FEW:
        return f"expected {kind}"
    return answer
