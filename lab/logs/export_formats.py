"""The forms in which Azure's own tools write log rows, as rows with the columns of their table.

The query API's JSON (`{"tables": [...]}`), the array of `az monitor log-analytics query`, the
portal's CSV (its times in the browser's form, `TimeGenerated [UTC]`), JSON lines of a data export
(`Type`) or of a storage account (`time`, `category`, `properties`), and the lab's own (`_table`).
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from components.limits.refusal import NOWHERE, Refusal, RefusedError

Row = dict[str, Any]
Columns = Mapping[str, Mapping[str, str]]

_UTC: Final = re.compile(r"^(?P<name>.+?) \[UTC\]$")
_PORTAL: Final = ("%m/%d/%Y, %I:%M:%S.%f %p", "%m/%d/%Y, %I:%M:%S %p")
_OWN: Final = {"time": "TimeGenerated", "resourceId": "_ResourceId"}
_NAMES: Final = ("TableName", "_table", "Type", "category", "properties")


@dataclass
class Export:
    """Rows with the number of their line or entry, from 1; what was refused, and what is told
    once for the whole file."""

    rows: list[tuple[int, Row]] = field(default_factory=list)
    refused: list[tuple[int, Refusal]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, number: int, what: str, expected: str) -> None:
        """Keep why a line or an entry is not taken."""
        self.refused.append((number, Refusal(NOWHERE, what, expected)))


def read(lines: Iterable[str | bytes], columns: Columns, table: str | None = None) -> Export:
    """The rows, each with `_table`, and only with columns that its table has.

    `table` names it where the rows do not; without it, the one table that has all the columns.
    """
    found = Export()
    text = _text(lines, found)
    for number, row in _given(text, found):
        try:
            found.rows.append((number, _own(row, columns, table)))
        except RefusedError as error:
            found.refused += [(number, each) for each in error.refusals]
    return _without_strangers(found, columns)


def _text(lines: Iterable[str | bytes], found: Export) -> list[str]:
    read: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            read.append(line.decode("utf-8-sig") if isinstance(line, bytes) else line)
        except UnicodeDecodeError:
            found.refuse(number, "is not UTF-8", "expected text in UTF-8")
            read.append("")
    return read


def _given(lines: list[str], found: Export) -> Iterator[tuple[int, Row]]:
    first = next((each.strip().removeprefix("\ufeff") for each in lines if each.strip()), "")
    if first and first[0] not in "[{":
        yield from _csv(lines, found)
    elif (whole := _whole(first, lines)) is not None:
        yield from _of_whole(whole, found)
    else:
        yield from _of_lines(lines, found)


def _whole(first: str, lines: list[str]) -> Any:
    """The file as one JSON value; None where each line is one."""
    try:
        line = json.loads(first)
    except (ValueError, RecursionError):
        line = None
    if isinstance(line, dict) and "tables" not in line:
        return None
    try:
        return json.loads("".join(lines).strip().removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _of_whole(value: Any, found: Export) -> Iterator[tuple[int, Row]]:
    if isinstance(value, dict):
        number = 0
        for each in value.get("tables") or ():
            names = [column.get("name") for column in each.get("columns") or ()]
            for row in each.get("rows") or ():
                number += 1
                yield number, dict(zip(names, row, strict=False))
        return
    for number, row in enumerate(value, start=1):
        if isinstance(row, dict):
            yield number, row
        else:
            found.refuse(number, f"is a {type(row).__name__}", "expected a JSON object")


def _of_lines(lines: list[str], found: Export) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\ufeff")
        if not text:
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            found.refuse(number, f"is not JSON: {reason(error)}", "expected one object a line")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            found.refuse(number, f"is a {type(row).__name__}", "expected a JSON object")


def _csv(lines: list[str], found: Export) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO("".join(lines).removeprefix("\ufeff")))
    try:
        header = [_UTC.sub(r"\g<name>", name.strip()) for name in next(reader)]
        if "TimeGenerated" not in header:
            found.refuse(1, "has no TimeGenerated", _NO_FORM)
            return
        for row in reader:
            if row:
                yield reader.line_num, dict(zip(header, row, strict=False))
    except csv.Error as error:
        found.refuse(reader.line_num, f"is no CSV ({error})", "expected the portal's")


_NO_FORM: Final = (
    "expected JSON lines, the query API's JSON, the array of az monitor"
    " log-analytics query, or the portal's CSV"
)


def _own(row: Row, columns: Columns, table: str | None) -> Row:
    if isinstance(row.get("category"), str) and "time" in row:
        row = _archived(row, columns)
    name = row.get("_table") or table or _named(row, columns)
    if name is None:
        expected = 'expected --table NAME, or "_table": "<name of a log table>"'
        raise RefusedError(Refusal(NOWHERE, "has no table", expected))
    own = {key: _time(value) for key, value in row.items() if key not in ("TableName", "_table")}
    kinds = columns.get(str(name), {})
    # A tool that writes texts only has "" for what is null.
    empty = {key for key, value in own.items() if value == "" and kinds.get(key) != "string"}
    return {"_table": name, **{key: value for key, value in own.items() if key not in empty}}


def _named(row: Row, columns: Columns) -> str | None:
    if isinstance(row.get("Type"), str):
        return str(row["Type"])
    names = {key for key in row if key not in _NAMES and not key.startswith("_")}
    fitting = [table for table, known in columns.items() if names <= set(known)]
    return fitting[0] if len(fitting) == 1 and len(names) > 1 else None


def _archived(row: Row, columns: Columns) -> Row:
    """A line of a storage account: its own keys in small letters, the rest in `properties`."""
    table = str(row["category"])
    properties = row.get("properties")
    if isinstance(properties, str):
        try:
            properties = json.loads(properties)
        except (ValueError, RecursionError):
            properties = {}
    known = {name.casefold(): name for name in columns.get(table, {})}
    flat = {**row, **(properties if isinstance(properties, dict) else {})}
    flat.pop("properties", None)
    found = {_OWN.get(key, known.get(key.casefold(), key)): value for key, value in flat.items()}
    return {**found, "_table": table}


def _time(value: Any) -> Any:
    if isinstance(value, str) and value[-3:] in (" AM", " PM"):
        for form in _PORTAL:
            try:
                return datetime.strptime(value, form).isoformat() + "Z"  # noqa: DTZ007  # UTC
            except ValueError:
                continue
    return value


def _without_strangers(found: Export, columns: Columns) -> Export:
    """A column that a table does not have refuses no line: it is told once and left out."""
    strangers: dict[str, dict[str, None]] = {}
    for number, (line, row) in enumerate(found.rows):
        known = columns.get(row["_table"])
        if known is None:
            continue
        unknown = [key for key in row if key not in known and not key.startswith("_")]
        strangers.setdefault(row["_table"], {}).update(dict.fromkeys(unknown))
        found.rows[number] = line, {key: row[key] for key in row if key not in unknown}
    for table, names in strangers.items():
        if names:
            found.notes.append(f"{table} has no column {', '.join(names)}: left out")
    return found


def reason(error: Exception) -> str:
    """Why a text is no JSON, without the text."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "too deep" if isinstance(error, RecursionError) else "a number is too long"
