"""Boundary cases of a detection, made from its own head and one unit of evidence.

From the head and the seed (lab/boundary_seed.py) come: one unit less than the threshold, the
threshold, the same units just inside and just past the window, split over two values of each
dimension, arriving late, without a value of the dimension, as events of another type, and with
the values that the seed names. Of a rule that warns of too little the verdicts are the other way
round, and it is evaluated once all rows are there.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from components.content.detection import Detection
from components.limits.alert_rule import duration
from components.limits.refusal import Refusal, RefusedError
from lab.cases import boundary_seed
from lab.cases.boundary_seed import FILE, BoundarySeed
from lab.cases.case_file import START
from lab.cases.case_pattern import CaseRow
from lab.clock.ticks import next_tick

__all__ = ["FILE", "Boundary", "generate"]

_SECOND: Final = timedelta(seconds=1)
_INSTANT: Final = timedelta(microseconds=1)
_LONGEST_NAME: Final = 60
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True)
class Boundary:
    """A generated case; its rows are made as those of a written one."""

    name: str
    fires: bool
    rows: tuple[CaseRow, ...]
    judged: tuple[timedelta, timedelta] | None = None


@dataclass(frozen=True)
class _Maker:
    seed: BoundarySeed
    least: int
    warns_of_too_little: bool
    window: timedelta
    frequency: timedelta

    def made(self, enough: bool, what: str, rows: Sequence[CaseRow]) -> Boundary:
        """A case; `enough` says whether one window holds as much as the threshold asks for."""
        fires = enough != self.warns_of_too_little
        judged = None
        if self.warns_of_too_little:
            all_there = max((row.offset + row.delay for row in rows), default=timedelta(0))
            judged = (all_there, all_there + self.frequency - _INSTANT)
        return Boundary(
            f"{'fires' if fires else 'silent'}_{what}", fires, (*self.seed.before, *rows), judged
        )


def generate(detection: Detection, folder: Path) -> list[Boundary]:
    """The boundary cases of a detection; RefusedError when its seed cannot be used.

    None for a threshold that Azure learns by itself: there is no number to stand at.
    """
    if detection.threshold is None:
        return []
    seed = boundary_seed.read(folder / FILE, detection.dimensions)
    maker = _Maker(
        seed,
        _least(detection, detection.threshold / seed.worth, seed),
        detection.operator.startswith("Less"),
        duration(detection.window),
        duration(detection.frequency),
    )
    return [
        *_counted(maker, detection),
        *_spread(maker),
        *_split(maker, detection),
        *_blank(maker, detection),
        *_alike(maker),
    ]


def _counted(maker: _Maker, detection: Detection) -> list[Boundary]:
    seed, least = maker.seed, maker.least
    length = seed.every * (least + len(seed.after))
    late = (maker.window - maker.frequency - length) / 2
    if late <= timedelta(0):
        what = f"{seed.every.total_seconds():g}s is too long"
        expected = f"expected {least} units well within {detection.window}"
        raise RefusedError(Refusal(seed.source.where("every"), what, expected))
    enough, fewer = range(1, least + 1), range(1, least)
    found = [
        maker.made(True, f"at_{least}", seed.rows(enough, seed.every)),
        maker.made(True, f"at_{least}_arriving_late", seed.rows(enough, seed.every, delay=late)),
    ]
    if fewer:
        found.append(maker.made(False, f"at_{least - 1}", seed.rows(fewer, seed.every)))
    elif maker.warns_of_too_little and not detection.dimensions:
        found.append(maker.made(False, "at_0", ()))
    return found


def _spread(maker: _Maker) -> list[Boundary]:
    """Evenly past the window; in two bursts just past it, and in two just inside it."""
    seed, least, window = maker.seed, maker.least, maker.window
    if least < 2:
        return [] if maker.warns_of_too_little else [_over(maker)]
    apart = window / (least - 1) + _SECOND
    rows = seed.rows(range(1, least + 1), apart)
    found = [maker.made(False, f"at_{least}_spread_past_the_window", rows)]
    if not seed.parts:
        return found
    past = _in_two_parts(seed, least, window + _SECOND)
    found.append(maker.made(False, f"at_{least}_in_two_parts_past_the_window", past))
    # A tick at which the window begins just before the first row; each case begins a week later.
    if _WEEK % maker.frequency == timedelta(0):
        begin = next_tick(START - _INSTANT, maker.frequency) - START + _SECOND
        end = seed.every * len(seed.after)
        inside = _in_two_parts(seed, least, window - 2 * _SECOND - end, begin)
        found.append(maker.made(True, f"at_{least}_in_two_parts_inside_the_window", inside))
    return found


def _over(maker: _Maker) -> Boundary:
    """One unit is enough, but not for longer than the window."""
    rows = maker.seed.rows(range(1, 2), maker.seed.every)
    gone = max(row.offset for row in rows) + maker.window
    judged = (gone, gone + maker.frequency - _INSTANT)
    return Boundary("silent_at_1_once_the_window_is_past", False, tuple(rows), judged)


def _in_two_parts(
    seed: BoundarySeed, least: int, length: timedelta, begin: timedelta = timedelta(0)
) -> list[CaseRow]:
    """The first and the last unit lie `length` apart, the others close to one of them."""
    half = least // 2
    late = begin + length - seed.every * (least - 1)
    rows = seed.rows(range(1, half + 1), seed.every, first=begin, ended=False)
    return rows + seed.rows(range(half + 1, least + 1), seed.every, first=late)


def _split(maker: _Maker, detection: Detection) -> list[Boundary]:
    seed, least = maker.seed, maker.least
    half = least // 2
    if not half:
        return []
    found = []
    first = seed.rows(range(1, half + 1), seed.every)
    for dimension in detection.dimensions:
        what = f"at_{least}_split_over_two_values_of_{dimension}"
        other = seed.other(dimension)
        rest = seed.rows(range(half + 1, least + 1), seed.every, changed=other, blame="split")
        found.append(maker.made(False, what, [*first, *rest]))
        if seed.counts(other):
            # Two who do the very same: what they do is not yet enough for either.
            again = seed.rows(range(1, half + 1), seed.every, changed=other, blame="split")
            found.append(maker.made(False, f"{what}_alike", [*first, *again]))
    return found


def _blank(maker: _Maker, detection: Detection) -> list[Boundary]:
    """Rows that name nobody, and events of another kind, are no evidence."""
    seed, least = maker.seed, maker.least
    if maker.warns_of_too_little:
        return []
    units = range(1, least + 1)
    found = []
    for dimension in detection.dimensions:
        if seed.names(dimension):
            rows = seed.rows(units, seed.every, changed={dimension: ""})
            found.append(maker.made(False, f"at_{least}_without_{dimension}", rows))
    if seed.is_sign_in:
        rows = seed.rows(units, seed.every, changed={"EventType": "Logoff"})
        found.append(maker.made(False, f"at_{least}_of_another_event_type", rows))
    return found


def _alike(maker: _Maker) -> list[Boundary]:
    """Units with other values, of which the seed says whether they are still evidence."""
    seed, least = maker.seed, maker.least
    found: list[Boundary] = []
    for enough, listed in ((True, seed.like), (False, seed.unlike)):
        for values in listed:
            rows = seed.with_values(values).rows(range(1, least + 1), seed.every)
            what = f"at_{least}_with_{_in_a_name(values)}"
            twins = sum(each.name.removesuffix("_again").endswith(what) for each in found)
            found.append(maker.made(enough, what + "_again" * twins, rows))
    return found


def _in_a_name(values: Mapping[str, Any]) -> str:
    words = "_".join(f"{name}_{value}" for name, value in values.items())
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_")[:_LONGEST_NAME]


def _least(detection: Detection, units: float, seed: BoundarySeed) -> int:
    """How many units it takes to reach the threshold, or with `Less...` to be no longer below."""
    if detection.operator in ("GreaterThanOrEqual", "LessThan"):
        return max(1, math.ceil(units))
    if detection.operator in ("GreaterThan", "LessThanOrEqual"):
        return max(1, math.floor(units) + 1)
    what = f"the operator {detection.operator} has no boundary cases"
    expected = "expected GreaterThan, GreaterThanOrEqual, LessThan or LessThanOrEqual"
    raise RefusedError(Refusal(replace(seed.source.where(), line=None), what, expected))
