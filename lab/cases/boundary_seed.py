"""`tests/detections/<slug>/boundary.yaml`: one unit of evidence, what raises the measure.

every: 5s                 # how far apart the units lie where it does not matter; 5s by default
unit:                     # one event, request or row; `{i}` counts the units, from 1
  event: {TargetUsername: anna, SrcIpAddr: 192.0.2.10}
worth: 1                  # by how much a unit raises the measure; 1 by default
after:                    # rows that follow the last unit, if the attack ends with something
  - event: {TargetUsername: anna, SrcIpAddr: 192.0.2.10, EventResult: Success}
split: {SrcIpAddr: 192.0.2.11}   # each dimension with another value; `{i}` as above
                                 # or, of a dimension that the query makes, its columns
parts: false              # the units count at their own pace only, not in two bursts
delay: 20m                # how much later each unit arrives; 0s by default
before:                   # patterns of rows as in a case, there in each of the cases
  - {every: 1m, times: 60, event: {TargetUsername: anna, EventResult: Success}}
from: 26h                 # when the first unit comes; 0s by default
like:                     # other values with which as many units still make the rule fire
  - {TargetUsername: "person{i}"}
unlike:                   # and with which a unit is no evidence, however many there are
  - {EventResult: Success}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from components.content import yaml_file
from components.content.yaml_file import Yaml
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.cases import case_pattern
from lab.cases.case_pattern import CaseRow

FILE: Final = "boundary.yaml"
NOT_CASES: Final = (FILE, "mutants.yaml")
"""Files beside the cases that are none."""
_KEYS: Final = (
    *("every", "unit", "worth", "after", "split"),
    *("parts", "delay", "before", "from", "like", "unlike"),
)
_ALWAYS_GIVEN: Final = ("EventType", "EventResult")
_KINDS: Final = ("event", "request", "row")


@dataclass(frozen=True)
class BoundarySeed:
    """What the file says; rows are made as those of a written case."""

    every: timedelta
    unit: Mapping[str, Any]
    worth: float
    after: tuple[Mapping[str, Any], ...]
    split: Mapping[str, Any]
    parts: bool
    source: Yaml
    delay: timedelta = timedelta(0)
    before: tuple[CaseRow, ...] = ()
    begin: timedelta = timedelta(0)
    like: tuple[Mapping[str, Any], ...] = ()
    unlike: tuple[Mapping[str, Any], ...] = ()

    def with_values(self, values: Mapping[str, Any]) -> "BoundarySeed":
        """The seed with other values in its unit; what follows the units stays."""
        return replace(self, unit=_changed(self.unit, values))

    def rows(
        self,
        units: range,
        apart: timedelta,
        *,
        delay: timedelta = timedelta(0),
        changed: Mapping[str, Any] | None = None,
        first: timedelta = timedelta(0),
        ended: bool = True,
        blame: str = "unit",
    ) -> list[CaseRow]:
        """The units of the range and, if `ended`, what follows them, from `first` on.

        `changed` replaces values in all rows. Unit 1 lies at `first`, whatever the range; all of
        it comes after what is there before. `blame` is the key that a wrong row is told by.
        """
        where = None if blame == "unit" else self.source.where(blame)
        first, delay = self.begin + first, max(self.delay, delay)
        made = [
            case_pattern.row(
                _changed(self.unit, changed),
                number,
                first + apart * (number - 1),
                delay,
                self.source.at("unit"),
                where,
            )
            for number in units
        ]
        if not ended:
            return made
        end = first + apart * (units.stop - 2) + self.every
        return made + [
            case_pattern.row(
                _changed(each, changed),
                units.stop - 1,
                end + self.every * number,
                delay,
                self.source.at("after", number),
            )
            for number, each in enumerate(self.after)
        ]

    def other(self, dimension: str) -> Mapping[str, Any]:
        """The columns that lead to the second value of a dimension."""
        value = self.split[dimension]
        return value if isinstance(value, dict) else {dimension: value}

    def names(self, dimension: str) -> bool:
        """Whether the rows have a dimension as a column of theirs that can be empty."""
        return not isinstance(self.split[dimension], dict) and dimension not in _ALWAYS_GIVEN

    def counts(self, without: Mapping[str, Any]) -> bool:
        """Whether the units differ by their number in other columns than these."""
        (given,) = self.unit.values()
        return any("{i}" in str(value) for name, value in given.items() if name not in without)

    @property
    def is_sign_in(self) -> bool:
        """Whether all of it is events of the type that an event is by default."""
        patterns = (self.unit, *self.after)
        return all("event" in each and "EventType" not in each["event"] for each in patterns)


def read(path: Path, dimensions: Sequence[str]) -> BoundarySeed:
    """The seed of a detection with these dimensions; RefusedError tells what is wrong with it."""
    try:
        file = yaml_file.read(path, f"expected keys {', '.join(_KEYS)}")
    except FileNotFoundError as error:
        expected = "expected one unit of evidence"
        raise RefusedError(Refusal(Place(shown(path)), "the file is missing", expected)) from error
    given = file.mapping(_KEYS)
    if "unit" not in given:
        expected = f"expected one of {', '.join(_KINDS)}"
        raise RefusedError(Refusal(file.where("unit"), "is missing", expected))
    after = given.get("after", [])
    _require(isinstance(after, list), file, "after", "a list of event, request or row")
    split = file.at("split").mapping(dimensions) if "split" in given else {}
    for dimension in dimensions:
        if dimension not in split:
            what = f"has no {dimension}"
            raise RefusedError(Refusal(file.where("split"), what, "expected another value of it"))
    worth, parts = given.get("worth", 1), given.get("parts", True)
    is_number = isinstance(worth, (int, float)) and not isinstance(worth, bool)
    _require(is_number and worth > 0, file, "worth", "a number above 0")
    _require(isinstance(parts, bool), file, "parts", "true or false")
    return BoundarySeed(
        every=case_pattern.span(given.get("every", "5s"), file.where("every")),
        unit=file.at("unit").mapping(_KINDS),
        worth=float(worth),
        after=tuple(file.at("after", number).mapping(_KINDS) for number in range(len(after))),
        split=split,
        parts=parts,
        source=file,
        delay=case_pattern.span(given.get("delay", "0s"), file.where("delay")),
        before=tuple(case_pattern.expand(file.at("before"))) if "before" in given else (),
        begin=case_pattern.span(given.get("from", "0s"), file.where("from")),
        like=_values(file, "like"),
        unlike=_values(file, "unlike"),
    )


def _values(file: Yaml, key: str) -> tuple[Mapping[str, Any], ...]:
    found = file.value.get(key, [])
    is_list = isinstance(found, list) and all(isinstance(each, dict) and each for each in found)
    _require(is_list, file, key, "a list of values")
    return tuple(found)


def _require(holds: bool, file: Yaml, key: str, expected: str) -> None:
    if not holds:
        value = file.value[key]
        raise RefusedError(
            Refusal(file.where(key), "is not allowed", f"expected {expected}", value)
        )


def _changed(pattern: Mapping[str, Any], values: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A pattern with other values for the columns that it names or leaves to their default."""
    if not values:
        return pattern
    return {kind: {**given, **values} for kind, given in pattern.items()}
