"""A case of a detection as a file: rows that must, or must not, make its alert rule fire.

`tests/detections/<slug>/` holds them. The name of a file is a sentence that begins with `fires_`
or `silent_`; with `measures_` where the threshold is dynamic, because all that can be told of such
a rule is which value Azure is given to learn from. A `.yaml` file has patterns of rows, a `.jsonl`
file recorded rows as `lab replay` takes them (`{"_table": ..., "TimeGenerated": ..., ...}`).

    about: A sentence for the reader.       # may be left out
    alerts:                                 # dimension values of every alert, in any order; may be
      - {SrcIpAddr: 198.51.100.7}           # left out, and then any alert will do
    judged: {from: 30m, until: 1h}          # when the rule is evaluated, for rules that warn of
                                            # too little; while its window holds a row by default
    value: 12                               # measures_ only: what is measured at the end
    events:
      - at: 10m            # from the start of the case, a Monday at 07:30 UTC; 0s by default
        every: 5s          # from one row to the next; 0s by default
        times: 20          # 1 by default
        delay: 10m         # how much later the rows arrive; 0s by default
        event:             # a login event by its ASIM names: a failure unless it says otherwise
          TargetUsername: [anna, bob]       # a list is gone through in turn
          SrcIpAddr: 198.51.100.{i}         # {i} counts the rows of the pattern, from 1
      - request: {CIp: 198.51.100.7, CsUriStem: "/{i}", ScStatus: 404}   # AppServiceHTTPLogs
      - row: {_table: AppServiceConsoleLogs, ResultDescription: "not JSON"}   # any table

Login events become lines of AppServiceConsoleLogs through the app's own serializer. The rule is
evaluated at every tick, statefully, as Azure does. `boundary.yaml` beside them is the seed of the
boundary cases, see lab/boundaries.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from components.limits.refusal import shown
from lab.cases import case_lines, case_pattern
from lab.cases.case_pattern import LONGEST, CaseError, CaseRow
from lab.logs import log_lines
from lab.logs.log_tables import LogTables

START: Final = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
KINDS: Final = ("fires", "silent", "measures")


@dataclass(frozen=True)
class Case:
    """What goes in and what must come out; offsets of the rows count from the case's start."""

    slug: str
    name: str
    where: str
    fires: bool
    rows: Sequence[CaseRow]
    alerts: Sequence[dict[str, str]] | None = None
    generated: bool = False
    judged: tuple[timedelta, timedelta] | None = None
    """From when to when the rule is evaluated; None for as long as its window holds a row."""
    value: float | None = None
    """What a `measures_` case expects of the rule once all rows have arrived."""


def load(path: Path, slug: str) -> Case:
    """The case of one file; CaseError names file, key and what is expected."""
    where = shown(path)
    kind = path.stem.partition("_")[0]
    if kind not in KINDS:
        raise CaseError(
            f"case {path.name!r} says nothing; expected fires_..., silent_... or measures_..."
            f" ({where})"
        )
    if path.suffix == ".jsonl":
        return Case(slug, path.stem, where, kind == "fires", _recorded(path, where))
    try:
        content, lines = case_lines.read(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise CaseError(
            f"the file is no YAML; expected keys about, alerts, judged, events ({where}{line})"
        ) from error
    keys = ("about", "alerts", "judged", "value", "events")
    given = case_pattern.mapping(content, keys, where, lines)
    rows = case_pattern.expand(given.get("events"), where, lines)
    if max(row.offset for row in rows) > LONGEST:
        raise CaseError(f"the rows span more than five days; expected fewer ({where})")
    return Case(
        slug,
        path.stem,
        where,
        kind == "fires",
        rows,
        _alerts(given, kind, lines.place(where, "alerts")),
        judged=_judged(given, lines.place(where, "judged")),
        value=_value(given, kind, lines.place(where, "value")),
    )


def _recorded(path: Path, where: str) -> list[CaseRow]:
    tables = LogTables()
    try:
        with path.open("rb") as file:
            found, refused = log_lines.read(file, tables, timedelta(0))
    finally:
        tables.close()
    if refused:
        number, reason = refused[0]
        raise CaseError(f"{reason} ({where}:{number})")
    if not found:
        raise CaseError(f"the file has no rows; expected one JSON object a line ({where})")
    first = found[0].generated
    monday = datetime(first.year, first.month, first.day, tzinfo=UTC)
    monday -= timedelta(days=first.weekday())
    origin = monday + (START - _monday(START))
    if found[-1].generated - first > LONGEST:
        raise CaseError(f"the rows span more than five days; expected fewer ({where})")
    return [
        CaseRow(row.generated - origin, row.seen - row.generated, row.table, row.values)
        for row in found
    ]


def _alerts(given: dict[str, Any], kind: str, where: str) -> list[dict[str, str]] | None:
    alerts = given.get("alerts")
    if alerts is None:
        return None
    is_list = isinstance(alerts, list) and all(isinstance(each, dict) for each in alerts)
    if kind != "fires" or not is_list:
        raise CaseError(
            f"alerts {alerts!r} cannot be; expected a list of dimension values in a fires_ case"
            f" ({where})"
        )
    return [{str(name): str(value) for name, value in each.items()} for each in alerts]


def _value(given: dict[str, Any], kind: str, where: str) -> float | None:
    value = given.get("value")
    if kind != "measures" and value is None:
        return None
    if kind != "measures" or not isinstance(value, int | float) or isinstance(value, bool):
        raise CaseError(
            f"value {value!r} cannot be; expected a number, in a measures_ case ({where})"
        )
    return float(value)


def _judged(given: dict[str, Any], where: str) -> tuple[timedelta, timedelta] | None:
    if "judged" not in given:
        return None
    ends = case_pattern.mapping(given["judged"], ("from", "until"), f"{where}, judged")
    first = case_pattern.span(ends.get("from", "0s"), f"{where}, judged, from")
    last = case_pattern.span(ends.get("until"), f"{where}, judged, until")
    if not first < last <= LONGEST:
        raise CaseError(
            f"judged {ends} cannot be; expected from before until, within five days ({where})"
        )
    return first, last


def _monday(when: datetime) -> datetime:
    midnight = when.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=when.weekday())
