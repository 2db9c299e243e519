"""The tables that a query reads, made safe where nobody knows what is in them. Pure.

Two things are put in front of a query in one place, so that no query has to think of them:

- A table that has had no row yet, or none for thirty days, makes the query fail, and Azure
  disables a rule that fails for a week ("Troubleshoot log search alerts in Azure Monitor"; whether
  the tables of App Service are known before their first row is UNCONFIRMED). A fuzzy union with an
  empty table of the same columns has always something to read.
- In a workspace that several apps share, each stack may look at its own apps only.

The name of the table then stands for what is left of it: `let T = ... T ...` reads the table on its
right side, for a name is not yet bound there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from components.content.log_columns import TABLES
from components.limits.kql_text import tokens

RESOURCE: Final = "_ResourceId"
_TIME: Final = "TimeGenerated"
_ARRIVAL: Final = "ingestion_time"
"""Tells when a row of a table arrived; of a row that went through a union it may tell nothing."""

Owners = Mapping[str, Sequence[str]]
"""Azure ids of the resources whose rows are wanted, by the beginning of the tables' names."""

APPS: Final = "AppService"
DATABASES: Final = "PGSQLServerLogs"


def with_sources(
    query: str,
    tables: Iterable[str],
    owners: Owners | None = None,
    without: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """The query with a `let` statement for each table in front, where it has columns to declare.

    `without`: by table, KQL that is true of rows that do not count.
    """
    words = {each.text for each in tokens(query) if each.kind == "word"}
    heads = [
        head
        for table in dict.fromkeys(tables)
        if table in words
        and (
            head := _head(
                table, words, _wanted(table, owners or {}), (without or {}).get(table, ())
            )
        )
    ]
    return "\n".join([*heads, query])


def narrowed(body: str, owners: Owners) -> str:
    """The body of a function with the wanted rows in place of each table that it begins with.

    A saved function is called by its name alone, which a body with `let` statements of its own
    would not allow.
    """
    parts, end, before = [], 0, ""
    for each in tokens(body):
        ids = _wanted(each.text, owners) if each.kind == "word" and each.text in TABLES else ()
        if ids:
            owned = _owned(each.text, ids)
            parts += [body[end : each.start], owned if before in ("", "=", "(") else f"({owned})"]
            end = each.start + len(each.text)
        before = before if each.kind == "comment" else each.text
    return "".join([*parts, body[end:]])


def _wanted(table: str, owners: Owners) -> Sequence[str]:
    return next((ids for start, ids in owners.items() if table.startswith(start)), ())


def _head(table: str, words: set[str], ids: Sequence[str], without: Sequence[str]) -> str:
    known = TABLES.get(table)
    source = _owned(table, ids) if ids else table
    source += "".join(f"\n| where not({each})" for each in without)
    if known is None or _ARRIVAL in words:
        return f"let {table} = {source};" if ids or without else ""
    asked = {each.text for kql in without for each in tokens(kql) if each.kind == "word"}
    columns = [name for name in known if name in words | asked or name in (_TIME, RESOURCE)]
    declared = ", ".join(f"{name}: {known[name]}" for name in columns)
    return f"let {table} = union isfuzzy=true (datatable({declared})[]), ({source});"


def _owned(table: str, ids: Sequence[str]) -> str:
    listed = ", ".join(f'"{_escaped(each)}"' for each in ids)
    return f"{table} | where {RESOURCE} in~ ({listed})"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
