"""Which threshold and window the trials speak for, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.limits.alert_rule import duration
from lab.tuning.backtest import Backtest, Trial

AFFORDABLE = 1.0
"""Alerts a day that somebody will still look at, where nothing says which of them are false."""


@dataclass(frozen=True)
class Proposal:
    """A trial that is proposed, and the reason in a sentence."""

    trial: Trial
    reason: str


def propose(found: Backtest, affordable: float = AFFORDABLE) -> Proposal | None:
    """None without rows. `affordable`: alerts a day, for rows without labels."""
    if not found.trials or found.started is None:
        return None
    if found.attacks:
        return _by_labels(found)
    return _by_budget(found, affordable)


def _by_labels(found: Backtest) -> Proposal:
    """Most attacks caught, then fewest false alarms, then the most room on both sides."""
    most = max(each.caught for each in found.trials)
    catching = [each for each in found.trials if each.caught == most]
    fewest = min(each.false_alarms for each in catching)
    best = [each for each in catching if each.false_alarms == fewest]
    said = f"catches {most} of {found.attacks} attacks with {_count(fewest, 'false alarm')}"
    if most == 0:
        loosest = _loosest_first(found, found.trials)[0]
        return Proposal(loosest, "no value catches an attack; this is the most watchful one")
    now = _current(found, best)
    plateau = _longest_plateau(found, best)
    if now is not None:
        return Proposal(now, f"the detection's own values: {said}, and no other does better")
    middle = plateau[(len(plateau) - 1) // 2]
    if len(plateau) == 1:
        return Proposal(middle, f"{said}, and its neighbours do worse")
    span = f"from {plateau[0].threshold:g} to {plateau[-1].threshold:g} in {middle.window}"
    return Proposal(middle, f"{said} {span}; the middle leaves room on both sides")


def _by_budget(found: Backtest, affordable: float) -> Proposal:
    window = _preferred_window(found, found.trials)
    own = _loosest_first(found, [each for each in found.trials if each.window == window])
    for each in own:
        if each.alerts_a_day <= affordable:
            reason = (
                f"the most watchful value with at most {affordable:g} alerts a day;"
                " without labels nothing says which alerts are false, and what is missed"
            )
            return Proposal(each, reason)
    strictest = own[-1]
    return Proposal(
        strictest, f"no value stays below {affordable:g} alerts a day; this is the quietest one"
    )


def _longest_plateau(found: Backtest, best: Sequence[Trial]) -> list[Trial]:
    """Neighbouring thresholds of one window that are equally good; the detection's window first."""
    runs: list[list[Trial]] = []
    chosen = set(best)
    for window in dict.fromkeys(each.window for each in found.trials):
        run: list[Trial] = []
        for each in [*(trial for trial in found.trials if trial.window == window), None]:
            if each is not None and each in chosen:
                run.append(each)
            elif run:
                runs.append(run)
                run = []
    own = found.detection.window
    return max(runs, key=lambda run: (len(run), run[0].window == own, -duration(run[0].window)))


def _current(found: Backtest, best: Sequence[Trial]) -> Trial | None:
    own = (found.detection.threshold, found.detection.window)
    return next((each for each in best if (each.threshold, each.window) == own), None)


def _preferred_window(found: Backtest, trials: Sequence[Trial]) -> str:
    windows = [each.window for each in trials]
    own = found.detection.window
    return own if own in windows else min(windows, key=duration)


def _loosest_first(found: Backtest, trials: Sequence[Trial]) -> list[Trial]:
    falling = found.detection.operator.startswith("Less")
    return sorted(trials, key=lambda each: -each.threshold if falling else each.threshold)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
