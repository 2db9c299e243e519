"""Rows of a rehearsal as a case: those of one window, the columns that matter, no secrets."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from components.content.detection import Detection
from lab.azure.monitor.log_search.alert_rule import AlertRule, Series
from lab.kusto.query_tree import parse
from lab.logs.log_tables import LogTables

_HIDDEN: Final = "masked"
_CONFIDENTIAL: Final = (
    r"(?:[\w.-]*(?:session|sessid|token|secret|password|passwd|cookie|csrf|xsrf)[\w.-]*"
    r"|sid|pwd|jwt|authorization|api_?key|signature|sig|code)"
)
_PAIR: Final = re.compile(rf"(?i)\b({_CONFIDENTIAL})=([^&;\s\"']+)")
_FIELD: Final = re.compile(rf'(?i)("{_CONFIDENTIAL}"\s*:\s*)"[^"]*"')
_COOKIE: Final = re.compile(r"=([^;]*)")
_TOKEN: Final = re.compile(
    r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?|\b[0-9a-fA-F]{40,}\b"
    r"|(?i:\b(?:bearer|basic) )[\w.+/=-]{8,}"
)

Row = dict[str, Any]
Judge = Callable[[Sequence[Row]], bool]
"""Whether the rule makes of the rows what it made of all of them."""


def rows(tables: LogTables, detection: Detection, now: datetime) -> list[Row]:
    """The rows that the rule saw at `now`, as `lab replay` takes them, in order of time.

    They are as they were: `masked` comes before anything of them is kept.
    """
    rule = AlertRule.from_detection(detection)
    found: list[Row] = []
    for table in detection.tables:
        columns = _columns(table, detection, tables)
        kql = f"{table} | project {', '.join(columns)}"
        for row in tables.query(kql, now, now - rule.lookback, now).rows:
            told = {name: value for name, value in row.items() if value not in ("", None)}
            found.append({"_table": table, **told})
    return sorted(found, key=lambda row: (row["TimeGenerated"], json.dumps(row, default=str)))


def trimmed(found: Sequence[Row], series: Series | None, judge: Judge) -> list[Row]:
    """Only the rows that name the alert's dimension values, where those alone do the same."""
    values = [value for value in (series.dimensions.values() if series else ()) if value]
    own = [row for row in found if all(_names(row, value) for value in values)]
    some = [row for row in found if any(_names(row, value) for value in values)]
    for fewer in (own, some):
        if 0 < len(fewer) < len(found) and judge(fewer):
            return list(fewer)
    return list(found)


def changed_by_masking(found: Sequence[Row], judge: Judge) -> list[str]:
    """The columns without whose secrets the rule does something else; none where it does so anyway.

    Where no column alone is to blame, all that were masked are.
    """
    if not judge(found):
        return []
    hidden = sorted(
        {name for row in found for name, value in masked(row).items() if value != row[name]}
    )
    alone = [
        name
        for name in hidden
        if not judge(
            [{**row, **masked({name: row[name]})} if name in row else row for row in found]
        )
    ]
    return alone or hidden


def lines(found: Iterable[Row]) -> str:
    """One JSON object a line."""
    return "".join(f"{json.dumps(row, ensure_ascii=False, default=str)}\n" for row in found)


def masked(row: Mapping[str, Any]) -> Row:
    """The row without what could let anybody in: cookies, sessions, tokens, passwords."""
    return {name: _masked(name, value) for name, value in row.items()}


def _masked(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name == "Cookie":
        return _COOKIE.sub(f"={_HIDDEN}", value) if "=" in value else _HIDDEN
    value = _FIELD.sub(rf'\1"{_HIDDEN}"', value)
    value = _PAIR.sub(rf"\1={_HIDDEN}", value)
    return _TOKEN.sub(_HIDDEN, value)


def _columns(table: str, detection: Detection, tables: LogTables) -> list[str]:
    """TimeGenerated and the columns of the table that the query names."""
    kql = detection.rendered_query()
    words = {kql[node.start : node.end] for node in parse(kql).walk() if not node.children}
    known = tables.columns[table]
    # A rehearsal has one app: which one says nothing.
    words -= {"TimeGenerated", "_ResourceId"}
    return ["TimeGenerated", *(name for name in known if name in words)]


def _names(row: Row, value: str) -> bool:
    # An IPv6 /64 stands for its addresses.
    prefix = value.removesuffix(":/64")
    return any(prefix in text for text in row.values() if isinstance(text, str))
