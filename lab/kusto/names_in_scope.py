"""What a name can mean at a place in a query."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lab.kusto.query_tree import Node


@dataclass(frozen=True)
class TableType:
    """The columns of a table; an open one may have more, which only its rows tell."""

    columns: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False


@dataclass(frozen=True)
class RowOfMany:
    """What a function such as series_fit_line() gives: several columns at once."""

    columns: Mapping[str, str]


@dataclass(frozen=True)
class LetFunction:
    """A function that the query defines; its body is looked at anew for each call."""

    name: str
    parameters: tuple[tuple[str, str | TableType, bool], ...]
    """Name, type, and whether it may be left out."""
    body: Node
    scope: "Scope"


Meaning = str | TableType | LetFunction
"""A scalar by its type, a table, or a function."""


@dataclass(frozen=True)
class Scope:
    """What can be named: the columns of the row, the query's own names, the tables.

    `right` is the other row of a join. `aggregates`: an aggregate may be called here, and a
    column only inside of one.
    """

    names: Mapping[str, Meaning]
    tables: Mapping[str, TableType]
    row: TableType | None = None
    right: TableType | None = None
    aggregates: bool = False

    def named(self, name: str, meaning: Meaning) -> "Scope":
        """With one more name."""
        return replace(self, names={**self.names, name: meaning})

    def over(self, row: TableType | None) -> "Scope":
        """Over the rows of a table."""
        return replace(self, row=row, right=None, aggregates=False)
