"""A query's rows: for a person as a table or as records, for a program as JSON or CSV."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from lab.report.plain_text import plain

Row = dict[str, Any]

_HIDDEN: Final = ("TenantId", "_ResourceId", "_SubscriptionId", "SourceSystem", "Type")
"""Columns of every table that say the same in each row."""

_NARROWEST: Final = 14
"""Characters that a column of a table needs to be read."""


def telling(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """The columns in which some row has a value; those that every table has only by themselves."""
    filled = [each for each in columns if any(row[each] not in ("", None) for row in rows)]
    own = [each for each in filled if each not in _HIDDEN]
    return own or filled or list(columns)


def is_wide(columns: Sequence[str], width: int) -> bool:
    """Whether a table of the columns would be one letter a line."""
    return len(columns) > 1 and len(columns) * _NARROWEST > width


def table(columns: Sequence[str], rows: Sequence[Row]) -> Table:
    """One row a line."""
    shown = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(plain(column), overflow="fold")
    for row in rows:
        shown.add_row(*(plain(_text(row[column])) for column in columns))
    return shown


def records(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """One column a line, the rows one below the other."""
    wide = max(map(len, columns), default=0)
    blocks = [
        "\n".join(
            f"{column:{wide}}  {_text(row[column])}"
            for column in columns
            if row[column] not in ("", None)
        )
        for row in rows
    ]
    return "\n\n".join(blocks)


def as_json(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A list of objects."""
    return json.dumps(
        [{each: row[each] for each in columns} for row in rows], indent=1, default=str
    )


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A line of names, then one a row; dynamic values as JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(row[each]) for each in columns] for row in rows)
    return text.getvalue().rstrip("\n")


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)
