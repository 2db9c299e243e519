"""`lab backtest`: a detection's threshold and window, tried on recorded rows."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from components.content import detection
from components.limits.alert_rule import WINDOWS
from components.limits.refusal import nearest
from lab.report.model import stamp
from lab.report.plain_text import plain
from lab.tuning import attacks as backtest_attacks
from lab.tuning import backtest, page
from lab.tuning import proposal as backtest_proposal
from lab.tuning.backtest import Backtest
from lab.tuning.proposal import Proposal
from lab.verbs import progress

MOST_VALUES = 200
_SHOWN_REFUSALS = 20
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)(?:\.\.(-?\d+(?:\.\d+)?))?")


class BacktestError(ValueError):
    """Values that cannot be tried, or rows that none can be tried on."""


def run(
    slug: str,
    logs: Path,
    *,
    threshold: str,
    step: float | None,
    window: str,
    attacks: Path | None,
    affordable: float,
    plot: Path | None,
    as_json: bool,
    ingestion_delay: timedelta,
    out: Console,
    err: Console,
) -> bool:
    """Whether every line was a row; shows the trials, writes the plot."""
    chosen = detection.load(slug)
    values = thresholds(threshold, step)
    windows = _windows(window or chosen.window)
    known = None if attacks is None else backtest_attacks.read(attacks)
    with logs.open("rb") as lines, progress.shown(err) as tell:
        tell(f"trying {len(values) * len(windows)} values on {logs}", 0.0)
        found = backtest.run(
            lines,
            chosen,
            values,
            windows,
            known,
            ingestion_delay,
            progress=lambda share: tell(f"trying values on {logs}", share),
        )
    _refuse_nothing(logs, found)
    proposal = backtest_proposal.propose(found, affordable)
    if as_json:
        text = json.dumps(record(found, proposal), indent=2, ensure_ascii=False)
        out.print(text, markup=False, highlight=False, soft_wrap=True)
    else:
        _show(found, proposal, out)
    if plot is not None:
        plot.write_text(page.render(found, proposal), encoding="utf-8")
        err.print(f"plot: {plot}", markup=False, highlight=False, soft_wrap=True)
    for number, reason in found.refused[:_SHOWN_REFUSALS]:
        err.print(plain(f"{logs}:{number}: {reason}", "red"), soft_wrap=True)
    if len(found.refused) > _SHOWN_REFUSALS:
        err.print(plain(f"{logs}: {len(found.refused)} lines refused in all", "red"))
    return not found.refused


def _refuse_nothing(logs: Path, found: Backtest) -> None:
    """No row at all measures nothing, whatever the thresholds."""
    if found.rows:
        return
    expected = "expected recorded rows, one JSON object a line, as lab replay takes them"
    if not found.refused:
        raise BacktestError(f"{logs} is empty; {expected}")
    number, reason = found.refused[0]
    raise BacktestError(
        f"{logs} has no row that could be read; {expected}\n"
        f"{logs}:{number}: {reason}, the first of {len(found.refused)} refused lines"
    )


def thresholds(text: str, step: float | None) -> list[float]:
    """`5..20` with step 1, or as many steps as a plot can show; one number is one value."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise BacktestError(f"threshold {text!r} cannot be read; expected A..B such as 5..20")
    low, high = float(found[1]), float(found[2] or found[1])
    if high < low:
        raise BacktestError(f"threshold {text!r} is upside down; expected the lower value first")
    if step is not None and (not math.isfinite(step) or step <= 0):
        raise BacktestError(f"step {step:g} is not allowed; expected a number above 0")
    step = step or max(1.0 if "." not in text.replace("..", "") else 0.0, (high - low) / 40)
    step = step or 1.0
    if low.is_integer() and high.is_integer() and step > 1:
        step = float(math.ceil(step))
    count = math.floor((high - low) / step + 1e-9) + 1
    if count > MOST_VALUES:
        raise BacktestError(
            f"{count} thresholds are too many; expected at most {MOST_VALUES}, by a longer --step"
        )
    return [round(low + step * number, 6) for number in range(count)]


def _windows(text: str) -> list[str]:
    given = [each.strip() for each in text.split(",") if each.strip()]
    for each in given:
        if each not in WINDOWS:
            raise BacktestError(f"window {each!r} is not one of Azure's; {nearest(each, WINDOWS)}")
    return backtest.shortest_first(given)


def record(found: Backtest, proposal: Proposal | None) -> dict[str, Any]:
    """The backtest for machines."""
    return {
        "detection": found.detection.slug,
        "rows": found.rows,
        "refused_lines": len(found.refused),
        "started": stamp(found.started),
        "ended": stamp(found.ended),
        "days": round(found.days, 3),
        "attacks": found.attacks,
        "trials": [asdict(each) for each in found.trials],
        "proposal": None
        if proposal is None
        else {
            "threshold": proposal.trial.threshold,
            "window": proposal.trial.window,
            "reason": proposal.reason,
        },
    }


def _show(found: Backtest, proposal: Proposal | None, out: Console) -> None:
    labelled = found.attacks is not None
    table = Table(box=None, pad_edge=False)
    for heading in ("window", "threshold", "alerts", "a day"):
        table.add_column(heading, justify="left" if heading == "window" else "right")
    for heading in ("caught", "false", "first alert") if labelled else ():
        table.add_column(heading, justify="right")
    own = (found.detection.threshold, found.detection.window)
    for each in found.trials:
        first = "-" if each.first_alert_s is None else f"{each.first_alert_s / 60:.0f} min"
        cells = [each.window, f"{each.threshold:g}", str(each.alerts), f"{each.alerts_a_day:g}"]
        if labelled:
            cells += [f"{each.caught} of {found.attacks}", str(each.false_alarms), first]
        is_now = (each.threshold, each.window) == own
        table.add_row(*cells, style="bold" if is_now else "")
    out.print(table)
    out.print(_basis(found), style="dim", highlight=False, soft_wrap=True)
    for line in _always_missed(found):
        out.print(plain(line, "yellow"), soft_wrap=True)
    if proposal is not None:
        chosen = proposal.trial
        text = f"proposed: threshold {chosen.threshold:g} in {chosen.window}; {proposal.reason}"
        out.print(plain(text, "green"), soft_wrap=True)


def _basis(found: Backtest) -> str:
    text = f"{found.rows:,} rows of {found.days:.2f} days; bold: as the detection has it"
    return text if found.days >= 1 else f"{text}; less than a day, so alerts a day are a guess"


def _always_missed(found: Backtest) -> Sequence[str]:
    if not found.attacks or not found.trials:
        return []
    missed = set(found.trials[0].missed).intersection(*(each.missed for each in found.trials))
    return [f"no value catches {label}" for label in sorted(missed)]
