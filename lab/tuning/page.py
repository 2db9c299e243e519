"""A backtest as one self-contained page: a curve for each window, no script, nothing fetched."""

from dataclasses import dataclass
from typing import Final

from lab.report.page import environment
from lab.tuning.backtest import Backtest, Trial
from lab.tuning.proposal import Proposal

HEIGHT: Final = 260
TOP, BOTTOM = 28, 34
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True)
class Layout:
    """How wide a drawing is, in pixels, and how many labels fit below it."""

    name: str
    width: int
    left: int
    right: int
    labels: int


WIDE: Final = Layout("wide", width=960, left=56, right=56, labels=16)
NARROW: Final = Layout("narrow", width=340, left=34, right=24, labels=7)
"""Of a telephone; the page shows one of the two."""


@dataclass(frozen=True)
class Bar:
    """Alerts a day at one threshold: those of attacks below, false ones on top."""

    x: float
    width: float
    own_y: float
    own_height: float
    false_y: float
    false_height: float
    title: str


@dataclass(frozen=True)
class Mark:
    """A place on an axis with its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Panel:
    """The drawing of one window."""

    window: str
    layout: Layout
    bars: tuple[Bar, ...]
    caught: str
    """Points of the line that says how many attacks are caught; empty without labels."""
    dots: tuple[tuple[float, float], ...]
    thresholds: tuple[Mark, ...]
    rates: tuple[Mark, ...]
    counts: tuple[Mark, ...]
    now: float | None
    proposed: float | None


def render(found: Backtest, proposal: Proposal | None) -> str:
    """The page's HTML."""
    panels = [
        [panel(found, window, proposal, layout) for layout in (WIDE, NARROW)]
        for window in dict.fromkeys(t.window for t in found.trials)
    ]
    size = {"height": HEIGHT, "bottom": BOTTOM}
    template = environment().get_template("backtest.html.jinja")
    return template.render(found=found, proposal=proposal, panels=panels, size=size, top=TOP)


def panel(found: Backtest, window: str, proposal: Proposal | None, layout: Layout = WIDE) -> Panel:
    """Where everything of one window lies; all windows have the same scale."""
    trials = [each for each in found.trials if each.window == window]
    highest = _round_up(max((each.alerts_a_day for each in found.trials), default=0.0))
    slot = (layout.width - layout.left - layout.right) / len(trials)
    places = {each.threshold: layout.left + slot * (n + 0.5) for n, each in enumerate(trials)}
    attacks = found.attacks or 0
    dots = tuple((round(places[e.threshold], 1), _y(e.caught, attacks)) for e in trials if attacks)
    every = -(-len(trials) // layout.labels)
    chosen = proposal.trial if proposal and proposal.trial.window == window else None
    is_own = window == found.detection.window
    return Panel(
        window=window,
        layout=layout,
        bars=tuple(_bar(each, places[each.threshold], slot, highest, found) for each in trials),
        caught=" ".join(f"{x:g},{y:g}" for x, y in dots),
        dots=dots,
        thresholds=tuple(
            Mark(round(places[each.threshold], 1), f"{each.threshold:g}")
            for each in trials[::every]
        ),
        rates=tuple(Mark(_y(part, 4), f"{highest * part / 4:g}") for part in (0, 2, 4)),
        counts=tuple(Mark(_y(n, attacks), f"{n}") for n in sorted({0, attacks}) if attacks),
        now=places.get(found.detection.threshold or 0) if is_own else None,
        proposed=places[chosen.threshold] if chosen else None,
    )


def _bar(trial: Trial, middle: float, slot: float, highest: float, found: Backtest) -> Bar:
    false = trial.false_alarms / found.days if found.days else 0.0
    own = max(trial.alerts_a_day - false, 0.0)
    width = min(slot * 0.7, 26)
    own_y, top = _y(own, highest), _y(own + false, highest)
    title = f"threshold {trial.threshold:g}: {trial.alerts} alerts, {trial.alerts_a_day:g} a day"
    if found.attacks is not None:
        title += f"; {trial.caught} of {found.attacks} caught, {trial.false_alarms} false"
    return Bar(
        x=round(middle - width / 2, 1),
        width=round(width, 1),
        own_y=own_y,
        own_height=round(HEIGHT - BOTTOM - own_y, 1),
        false_y=top,
        false_height=round(own_y - top, 1),
        title=title,
    )


def _y(value: float, highest: float) -> float:
    share = value / highest if highest else 0.0
    return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20 and so on, so that the axis has readable numbers."""
    size = 1.0
    while size * 10 < value:
        size *= 10
    return next((size * step for step in _STEPS if size * step >= value), size * 10)
