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
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from components.content import yaml_file
from components.content.yaml_file import Yaml
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.cases import case_pattern
from lab.cases.case_pattern import LONGEST, CaseRow
from lab.logs import log_lines
from lab.logs.log_tables import LogTables

START: Final = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
KINDS: Final = ("fires", "silent", "measures")
_KEYS: Final = ("about", "alerts", "judged", "value", "events")
_TOO_FAR: Final = "the rows span more than five days"


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
    """The case of one file; RefusedError names file, key and what is expected."""
    where = shown(path)
    kind = path.stem.partition("_")[0]
    if kind not in KINDS:
        expected = "expected fires_..., silent_... or measures_..."
        raise RefusedError(Refusal(Place(where), f"case {path.name!r} says nothing", expected))
    if path.suffix == ".jsonl":
        return Case(slug, path.stem, where, kind == "fires", _recorded(path, where))
    file = yaml_file.read(path, f"expected keys {', '.join(_KEYS)}")
    given = file.mapping(_KEYS)
    if "events" not in given:
        raise RefusedError(
            Refusal(file.where("events"), "is missing", "expected a list of patterns")
        )
    rows = case_pattern.expand(file.at("events"))
    if max(row.offset for row in rows) > LONGEST:
        raise RefusedError(Refusal(Place(where), _TOO_FAR, "expected fewer"))
    return Case(
        slug,
        path.stem,
        where,
        kind == "fires",
        rows,
        _alerts(file, kind),
        judged=_judged(file),
        value=_value(file, kind),
    )


def _recorded(path: Path, where: str) -> list[CaseRow]:
    tables = LogTables()
    try:
        with path.open("rb") as file:
            found, refused = log_lines.read(file, tables, timedelta(0))
    finally:
        tables.close()
    if refused:
        number, wrong = refused[0]
        told = replace(wrong.where, file=where, line=number)
        raise RefusedError(replace(wrong, where=told))
    if not found:
        expected = "expected one JSON object a line"
        raise RefusedError(Refusal(Place(where), "the file has no rows", expected))
    first = found[0].generated
    monday = datetime(first.year, first.month, first.day, tzinfo=UTC)
    monday -= timedelta(days=first.weekday())
    origin = monday + (START - _monday(START))
    if found[-1].generated - first > LONGEST:
        raise RefusedError(Refusal(Place(where), _TOO_FAR, "expected fewer"))
    return [
        CaseRow(row.generated - origin, row.seen - row.generated, row.table, row.values)
        for row in found
    ]


def _alerts(file: Yaml, kind: str) -> list[dict[str, str]] | None:
    alerts = file.value.get("alerts")
    if alerts is None:
        return None
    is_list = isinstance(alerts, list) and all(isinstance(each, dict) for each in alerts)
    if kind != "fires" or not is_list:
        expected = "expected a list of dimension values in a fires_ case"
        raise RefusedError(Refusal(file.where("alerts"), "is not allowed", expected, alerts))
    return [{str(name): str(value) for name, value in each.items()} for each in alerts]


def _value(file: Yaml, kind: str) -> float | None:
    value = file.value.get("value")
    if kind != "measures" and value is None:
        return None
    if kind != "measures" or not isinstance(value, int | float) or isinstance(value, bool):
        expected = "expected a number, in a measures_ case"
        raise RefusedError(Refusal(file.where("value"), "is not allowed", expected, value))
    return float(value)


def _judged(file: Yaml) -> tuple[timedelta, timedelta] | None:
    if "judged" not in file.value:
        return None
    judged = file.at("judged")
    ends = judged.mapping(("from", "until"))
    first = case_pattern.span(ends.get("from", "0s"), judged.where("from"))
    last = case_pattern.span(ends.get("until"), judged.where("until"))
    if not first < last <= LONGEST:
        expected = "expected from before until, within five days"
        raise RefusedError(Refusal(judged.where(), "is not allowed", expected, ends))
    return first, last


def _monday(when: datetime) -> datetime:
    midnight = when.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=when.weekday())
