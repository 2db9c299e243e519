"""Geometry of the report's timeline: minutes of traffic as bars, one lane per detection below.

It is drawn twice: wide, with the names beside the lanes, and narrow, for a telephone, with the
names above them. The page shows one of the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lab.report.model import AlertEntry, Report
from lab.report.summary import judged

RIGHT = 16
BARS_TOP = 24
BARS_HEIGHT = 120
AXIS_HEIGHT = 26


@dataclass(frozen=True)
class Layout:
    """Where things lie, in pixels; `ticks` is how many labels fit on the axis."""

    width: int
    left: int
    lane_height: int
    label_y: int
    """Of a lane's name, from the top of the lane."""
    marks_y: int
    """Of its attack and alerts, from the top of the lane."""
    mark: int
    """How high each of the two is."""
    ticks: int


WIDE = Layout(width=960, left=255, lane_height=18, label_y=13, marks_y=2, mark=6, ticks=12)
NARROW = Layout(width=340, left=16, lane_height=32, label_y=13, marks_y=17, mark=6, ticks=5)


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    ordinary_y: float
    ordinary_height: float
    attack_y: float
    attack_height: float
    title: str


@dataclass(frozen=True)
class Span:
    x: float
    width: float
    title: str


@dataclass(frozen=True)
class Lane:
    slug: str
    y: float
    attack: Span | None
    alerts: tuple[Span, ...]


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Timeline:
    layout: Layout
    right: int
    """Where the lanes end."""
    height: float
    lanes_top: float
    peak: int
    bars: tuple[Bar, ...]
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


class Scale:
    """Lab time to horizontal pixels."""

    def __init__(self, start: datetime, end: datetime, layout: Layout = WIDE) -> None:
        self.layout = layout
        self.start = start
        self.end = end
        self.seconds = max((end - start).total_seconds(), 1.0)

    def x(self, moment: datetime) -> float:
        inside = min(max(moment, self.start), self.end)
        share = (inside - self.start).total_seconds() / self.seconds
        left = self.layout.left
        return round(left + share * (self.layout.width - left - RIGHT), 1)

    def span(self, start: datetime, end: datetime, title: str) -> Span:
        left = self.x(start)
        return Span(left, max(self.x(end) - left, 3.0), title)


def draw(
    report: Report, attacks: dict[str, tuple[datetime, datetime]], layout: Layout = WIDE
) -> Timeline:
    """`attacks`: for each scenario the lab times of its first and last request."""
    scale = Scale(report.started, report.ended, layout)
    peak = max((m.ordinary + m.attack for m in report.minutes), default=1) or 1
    slugs = judged(report)
    slugs += sorted({alert.slug for alert in report.alerts} - set(slugs))
    lanes_top = BARS_TOP + BARS_HEIGHT + 16
    lanes = tuple(
        _lane(slug, lanes_top + row * layout.lane_height, scale, report.alerts, attacks)
        for row, slug in enumerate(slugs)
    )
    return Timeline(
        layout=layout,
        right=layout.width - RIGHT,
        height=lanes_top + layout.lane_height * len(slugs) + AXIS_HEIGHT,
        lanes_top=lanes_top,
        peak=peak,
        bars=tuple(_bars(report, scale, peak)),
        lanes=lanes,
        ticks=tuple(_ticks(scale)),
    )


def _bars(report: Report, scale: Scale, peak: int) -> list[Bar]:
    bars = []
    for minute in report.minutes:
        left = scale.x(minute.at)
        gap = 1.0 if scale.layout is WIDE else 0.2
        width = max(scale.x(minute.at + timedelta(minutes=1)) - left - gap, 1.0)
        ordinary = minute.ordinary / peak * BARS_HEIGHT
        attack = minute.attack / peak * BARS_HEIGHT
        floor = BARS_TOP + BARS_HEIGHT
        title = (
            f"{minute.at:%H:%M} · {minute.ordinary} ordinary and {minute.attack} attack requests · "
            f"{minute.failures} failed and {minute.successes} successful sign-ins"
        )
        bars.append(
            Bar(left, width, floor - ordinary, ordinary, floor - ordinary - attack, attack, title)
        )
    return bars


def _lane(
    slug: str,
    y: float,
    scale: Scale,
    alerts: Sequence[AlertEntry],
    attacks: dict[str, tuple[datetime, datetime]],
) -> Lane:
    attack = attacks.get(slug)
    spans = tuple(
        scale.span(
            alert.fired_at,
            alert.resolved_at or scale.end,
            f"{slug} fired {alert.fired_at:%H:%M:%S} for "
            + (", ".join(f"{k} {v}" for k, v in alert.dimensions.items()) or "the whole app"),
        )
        for alert in alerts
        if alert.slug == slug
    )
    span = (
        scale.span(*attack, f"attack {attack[0]:%H:%M:%S} to {attack[1]:%H:%M:%S}")
        if attack
        else None
    )
    return Lane(slug, y, span, spans)


def _ticks(scale: Scale) -> list[Tick]:
    minutes = scale.seconds / 60
    step = next(
        (m for m in (5, 10, 15, 30, 60, 120, 240) if minutes / m <= scale.layout.ticks), 720
    )
    first = scale.start.replace(second=0, microsecond=0)
    ticks = []
    for index in range(int(minutes) + 1):
        moment = first + timedelta(minutes=index)
        if (moment.hour * 60 + moment.minute) % step == 0:
            ticks.append(Tick(scale.x(moment), f"{moment:%H:%M}"))
    return ticks
