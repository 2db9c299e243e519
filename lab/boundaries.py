"""Boundary cases of a detection, made from its own head and one unit of evidence.

`tests/detections/<slug>/boundary.yaml` says what raises the measure by one:

    every: 5s                 # how far apart the units lie where it does not matter; 5s by default
    unit:                     # one event, request or row; `{i}` counts the units, from 1
      event: {TargetUsername: anna, SrcIpAddr: 192.0.2.10}
    after:                    # rows that follow the last unit, if the attack ends with something
      - event: {TargetUsername: anna, SrcIpAddr: 192.0.2.10, EventResult: Success}
    split: {SrcIpAddr: 192.0.2.11}   # each dimension with another value; `{i}` as above
                                     # or, of a dimension that the query makes, its columns

From it and the head come: one unit less than the threshold, the threshold, the same units spread
so that no window holds enough, split over two values of each dimension, and arriving late.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from components.alert_rule_limits import duration
from components.detection import Detection
from components.kql_file import shown
from lab import case_pattern
from lab.case_pattern import CaseError, CaseRow

FILE = "boundary.yaml"


@dataclass(frozen=True)
class Boundary:
    """A generated case; its rows are made as those of a written one."""

    name: str
    fires: bool
    rows: tuple[CaseRow, ...]


@dataclass(frozen=True)
class _Seed:
    every: timedelta
    unit: Mapping[str, Any]
    after: tuple[Mapping[str, Any], ...]
    split: Mapping[str, Any]
    where: str

    def rows(
        self,
        units: range,
        apart: timedelta,
        delay: timedelta = timedelta(0),
        changed: Mapping[str, Any] | None = None,
    ) -> list[CaseRow]:
        """The units of the range and what follows them; `changed` replaces values in all rows."""
        unit, after = self.unit, self.after
        if changed:
            unit, *after_ = (_changed(each, changed) for each in (unit, *after))
            after = tuple(after_)
        made = [
            case_pattern.row(unit, number, apart * (number - 1), delay, self.where)
            for number in units
        ]
        end = apart * (units.stop - 2) + self.every
        made += [
            case_pattern.row(each, units.stop - 1, end + self.every * number, delay, self.where)
            for number, each in enumerate(after)
        ]
        return made


def generate(detection: Detection, folder: Path) -> list[Boundary]:
    """The boundary cases of a detection; CaseError when its seed cannot be used."""
    seed = _seed(folder / FILE, detection)
    least = _least(detection, seed.where)
    window, frequency = duration(detection.window), duration(detection.frequency)
    length = seed.every * (least + len(seed.after))
    late = (window - frequency - length) / 2
    if late <= timedelta(0):
        raise CaseError(
            f"every {seed.every} is too long; expected {least} units well within"
            f" {detection.window} ({seed.where})"
        )
    enough, fewer = range(1, least + 1), range(1, least)
    found = [
        Boundary(f"fires_at_{least}", True, tuple(seed.rows(enough, seed.every))),
        Boundary(
            f"fires_at_{least}_arriving_late", True, tuple(seed.rows(enough, seed.every, late))
        ),
    ]
    if not fewer:
        return found
    apart = window / len(fewer) + timedelta(seconds=1)
    found += [
        Boundary(f"silent_at_{least - 1}", False, tuple(seed.rows(fewer, seed.every))),
        Boundary(
            f"silent_at_{least}_spread_past_the_window", False, tuple(seed.rows(enough, apart))
        ),
    ]
    for dimension in detection.dimensions:
        half = least // 2
        value = seed.split[dimension]
        other = value if isinstance(value, dict) else {dimension: value}
        rows = seed.rows(range(1, half + 1), seed.every)
        rows += seed.rows(range(half + 1, least + 1), seed.every, changed=other)
        name = f"silent_at_{least}_split_over_two_values_of_{dimension}"
        found.append(Boundary(name, False, tuple(rows)))
    return found


def _seed(path: Path, detection: Detection) -> _Seed:
    where = shown(path)
    try:
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CaseError(
            f"boundary.yaml is missing; expected one unit of evidence ({where})"
        ) from error
    except yaml.YAMLError as error:
        raise CaseError(
            f"the file is no YAML; expected keys every, unit, after, split ({where})"
        ) from error
    given = case_pattern.mapping(text, ("every", "unit", "after", "split"), where)
    kinds = ("event", "request", "row")
    unit = case_pattern.mapping(given.get("unit"), kinds, f"{where}, unit")
    after = given.get("after", [])
    if not isinstance(after, list):
        raise CaseError(f"after {after!r} is no list; expected event, request or row ({where})")
    rows = tuple(case_pattern.mapping(each, kinds, f"{where}, after") for each in after)
    split = case_pattern.mapping(given.get("split", {}), detection.dimensions, f"{where}, split")
    for dimension in detection.dimensions:
        if dimension not in split:
            raise CaseError(f"split has no {dimension}; expected another value of it ({where})")
    every = case_pattern.span(given.get("every", "5s"), f"{where}, every")
    return _Seed(every, unit, rows, split, where)


def _least(detection: Detection, where: str) -> int:
    """How many units it takes, for measures that a unit raises by one."""
    if detection.operator == "GreaterThanOrEqual":
        return math.ceil(detection.threshold)
    if detection.operator == "GreaterThan":
        return math.floor(detection.threshold) + 1
    raise CaseError(
        f"operator {detection.operator} has no boundary cases; expected GreaterThan or"
        f" GreaterThanOrEqual ({where})"
    )


def _changed(pattern: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A pattern with other values for the columns that it names or leaves to their default."""
    return {kind: {**given, **values} for kind, given in pattern.items()}
