"""What each source of login events makes of the rows in the log tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from components.content import kql_function, login_sources
from lab.logs.log_tables import LogTables

_QUESTION: Final = """LoginEvents
| summarize
    Events = count(),
    Accounts = countif(isnotempty(TargetUsername)),
    Addresses = countif(isnotempty(SrcIpAddr))"""


@dataclass(frozen=True)
class ToldLogins:
    """How many rows the tables of some sources have, and how many of them are login events."""

    sources: tuple[str, ...]
    tables: tuple[str, ...]
    rows: int
    events: int
    accounts: int
    """Events that name an account."""
    addresses: int
    """Events that name an address."""


def told(sources: Iterable[str], tables: LogTables, now: datetime) -> ToldLogins:
    """Of all rows that are visible at `now`."""
    asked, functions = tuple(sources), kql_function.load_all()
    made = login_sources.united(functions, asked)
    lets = [each.as_let() for each in kql_function.used_by(_QUESTION, made)]
    found = tables.query("\n".join([*lets, _QUESTION]), now).rows[0]
    offered = login_sources.known(functions)
    read = tuple(dict.fromkeys(table for each in asked for table in offered[each].tables))
    rows = sum(tables.query(f"{table} | count", now).rows[0]["Count"] for table in read)
    return ToldLogins(asked, read, rows, found["Events"], found["Accounts"], found["Addresses"])


def found_in(tables: LogTables, now: datetime) -> tuple[str, ...]:
    """The sources that make events of these rows; the fallback where no other one does."""
    offered = [each for each in login_sources.known() if each != login_sources.FALLBACK]
    telling = [each for each in offered if told([each], tables, now).events]
    if not telling and told([login_sources.FALLBACK], tables, now).events:
        telling = [login_sources.FALLBACK]
    return tuple(telling)
