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

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from components.limits.refusal import shown
from lab.cases import case_lines, case_pattern
from lab.cases.case_lines import CaseLines
from lab.cases.case_pattern import CaseError, CaseRow

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
    where: str
    delay: timedelta = timedelta(0)
    before: tuple[CaseRow, ...] = ()
    begin: timedelta = timedelta(0)
    like: tuple[Mapping[str, Any], ...] = ()
    unlike: tuple[Mapping[str, Any], ...] = ()
    lines: CaseLines = CaseLines()

    def place(self, key: str) -> str:
        """The file, with the line of a key where the file has it."""
        return self.lines.place(self.where, key)

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
        where = case_pattern.of_kind(self.unit, self.place(blame), self.lines.within(blame))
        first, delay = self.begin + first, max(self.delay, delay)
        made = [
            case_pattern.row(
                _changed(self.unit, changed),
                number,
                first + apart * (number - 1),
                delay,
                where,
                self.lines.within("unit"),
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
                self.lines.place(self.where, "after", number),
                self.lines.within("after", number),
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
    """The seed of a detection with these dimensions; CaseError names key and what is expected."""
    where = shown(path)
    content, lines = _read(path, where)
    given = case_pattern.mapping(content, _KEYS, where, lines)
    unit = _mapping(given.get("unit"), _KINDS, where, lines, "unit")
    after = given.get("after", [])
    if not isinstance(after, list):
        place = lines.place(where, "after")
        raise CaseError(f"after {after!r} is no list; expected event, request or row ({place})")
    rows = tuple(
        _mapping(each, _KINDS, where, lines, "after", number) for number, each in enumerate(after)
    )
    split = _mapping(given.get("split", {}), dimensions, where, lines, "split")
    for dimension in dimensions:
        if dimension not in split:
            place = lines.place(where, "split")
            raise CaseError(f"split has no {dimension}; expected another value of it ({place})")
    worth, parts = given.get("worth", 1), given.get("parts", True)
    if isinstance(worth, bool) or not isinstance(worth, (int, float)) or worth <= 0:
        place = lines.place(where, "worth")
        raise CaseError(f"worth {worth!r} is not allowed; expected a number above 0 ({place})")
    if not isinstance(parts, bool):
        place = lines.place(where, "parts")
        raise CaseError(f"parts {parts!r} is not allowed; expected true or false ({place})")
    every = case_pattern.span(given.get("every", "5s"), f"{lines.place(where, 'every')}, every")
    before = (
        case_pattern.expand(given["before"], where, lines, "before") if "before" in given else []
    )
    return BoundarySeed(
        every,
        unit,
        float(worth),
        rows,
        split,
        parts,
        where,
        delay=case_pattern.span(given.get("delay", "0s"), f"{lines.place(where, 'delay')}, delay"),
        before=tuple(before),
        begin=case_pattern.span(given.get("from", "0s"), f"{lines.place(where, 'from')}, from"),
        like=_values(given, "like", lines.place(where, "like")),
        unlike=_values(given, "unlike", lines.place(where, "unlike")),
        lines=lines,
    )


def _mapping(
    given: object,
    known: Iterable[str],
    where: str,
    lines: CaseLines,
    key: str,
    number: int | None = None,
) -> dict[str, Any]:
    """The mapping under a key, or an entry of its list; a wrong key in it is told by its line."""
    place = f"{lines.place(where, key, number)}, {key}"
    return case_pattern.mapping(given, known, place, lines.within(key, number))


def _values(given: Mapping[str, Any], key: str, where: str) -> tuple[Mapping[str, Any], ...]:
    found = given.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) and each for each in found):
        raise CaseError(f"{key} {found!r} cannot be read; expected a list of values ({where})")
    return tuple(found)


def _read(path: Path, where: str) -> tuple[object, CaseLines]:
    try:
        return case_lines.read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CaseError(
            f"boundary.yaml is missing; expected one unit of evidence ({where})"
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise CaseError(
            f"the file is no YAML; expected keys {', '.join(_KEYS)} ({where}{line})"
        ) from error


def _changed(pattern: Mapping[str, Any], values: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A pattern with other values for the columns that it names or leaves to their default."""
    if not values:
        return pattern
    return {kind: {**given, **values} for kind, given in pattern.items()}
