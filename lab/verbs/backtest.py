"""`lab backtest`: a detection's threshold and window, tried on recorded rows."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from components.content import detection
from components.content.detection import Detection
from components.limits.alert_rule import WINDOWS
from components.limits.refusal import RefusedError, nearest
from lab.report import voice
from lab.report.model import stamp
from lab.tuning import attacks as known_attacks
from lab.tuning import backtest, page
from lab.tuning import proposal as proposals
from lab.tuning.attacks import KnownAttack
from lab.tuning.backtest import Backtest
from lab.tuning.proposal import Proposal
from lab.verbs import progress, refused_lines
from lab.verbs.exit_code import PASSED, WRONG
from lab.verbs.options import Delay, Json, Slug, minutes

MOST_VALUES = 200
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)(?:\.\.(-?\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Question:
    """What to try on which rows, and how an answer is judged."""

    detection: Detection
    logs: Path
    thresholds: Sequence[float]
    windows: Sequence[str]
    attacks: Sequence[KnownAttack] | None
    """What is known of the rows; None calls no alert false."""
    affordable: float
    """Alerts a day that somebody will look at, where nothing is known."""
    ingestion_delay: timedelta


def command(
    slug: Slug,
    logs: Annotated[Path, typer.Argument(help="JSON lines, as `lab replay` takes them.")],
    threshold: Annotated[str, typer.Option(help="A..B, both included; or one value.")],
    step: Annotated[float | None, typer.Option(help="From one threshold to the next.")] = None,
    window: Annotated[str, typer.Option(help="PT30M,PT1H,…; the detection's by default.")] = "",
    attacks: Annotated[
        Path | None, typer.Option(help="Known attacks: a list of from, to, label (and names).")
    ] = None,
    alerts_a_day: Annotated[
        float, typer.Option(min=0, help="What somebody will look at, where there are no labels.")
    ] = 1.0,
    plot: Annotated[Path | None, typer.Option(help="HTML file for the curves.")] = None,
    as_json: Json = False,
    ingestion_delay: Delay = 3.0,
) -> int:
    """Whether every line was a row; shows the trials, writes the plot."""
    chosen = detection.load(slug)
    question = Question(
        detection=chosen,
        logs=logs,
        thresholds=thresholds(threshold, step),
        windows=_windows(window or chosen.window),
        attacks=None if attacks is None else known_attacks.read(attacks),
        affordable=alerts_a_day,
        ingestion_delay=minutes(ingestion_delay),
    )
    if plot is not None and not plot.parent.is_dir():  # refused now rather than after the run
        raise RefusedError.of(f"--plot {plot} has no folder", "expected a file in one that exists")
    answer = run(question)
    proposal = proposals.propose(answer, question.affordable)
    if as_json:
        voice.give(json.dumps(record(answer, proposal), indent=2, ensure_ascii=False))
    else:
        _show(answer, proposal)
    if plot is not None:
        plot.write_text(page.render(answer, proposal), encoding="utf-8")
        voice.note(f"plot: {plot}")
    refused_lines.complain(logs, answer.refused)
    return WRONG if answer.refused else PASSED


def run(question: Question) -> Backtest:
    """Every threshold with every window; RefusedError where there is no row to try them on."""
    logs, values = question.logs, question.thresholds
    with logs.open("rb") as lines, progress.shown() as tell:
        tell(f"trying {len(values) * len(question.windows)} values on {logs}", 0.0)
        answer = backtest.run(
            lines,
            question.detection,
            values,
            question.windows,
            question.attacks,
            question.ingestion_delay,
            progress=lambda share: tell(f"trying values on {logs}", share),
        )
    _refuse_nothing(logs, answer)
    return answer


def _refuse_nothing(logs: Path, found: Backtest) -> None:
    """No row at all measures nothing, whatever the thresholds."""
    if found.rows:
        return
    expected = "expected recorded rows, one JSON object a line, as lab replay takes them"
    if not found.refused:
        raise RefusedError.of(f"{logs} is empty", expected)
    number, reason = found.refused[0]
    raise RefusedError.of(
        f"{logs} has no row that could be read",
        f"{expected}\n{logs}:{number}: {reason}, the first of {len(found.refused)} refused lines",
    )


def thresholds(text: str, step: float | None) -> list[float]:
    """`5..20` with step 1, or as many steps as a plot can show; one number is one value."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise RefusedError.of(f"threshold {text!r} cannot be read", "expected A..B such as 5..20")
    low, high = float(found[1]), float(found[2] or found[1])
    if high < low:
        raise RefusedError.of(
            f"threshold {text!r} is upside down", "expected the lower value first"
        )
    if step is not None and (not math.isfinite(step) or step <= 0):
        raise RefusedError.of(f"step {step:g} is not allowed", "expected a number above 0")
    step = step or max(1.0 if "." not in text.replace("..", "") else 0.0, (high - low) / 40)
    step = step or 1.0
    if low.is_integer() and high.is_integer() and step > 1:
        step = float(math.ceil(step))
    count = math.floor((high - low) / step + 1e-9) + 1
    if count > MOST_VALUES:
        raise RefusedError.of(
            f"{count} thresholds are too many",
            f"expected at most {MOST_VALUES}, by a longer --step",
        )
    return [round(low + step * number, 6) for number in range(count)]


def _windows(text: str) -> list[str]:
    windows = [window.strip() for window in text.split(",") if window.strip()]
    for window in windows:
        if window not in WINDOWS:
            expected = nearest(window, WINDOWS)
            raise RefusedError.of(f"window {window!r} is not one of Azure's", expected)
    return backtest.shortest_first(windows)


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


def _show(found: Backtest, proposal: Proposal | None) -> None:
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
    voice.show(table)
    voice.say(_basis(found), "dim")
    for line in _always_missed(found):
        voice.say(line, "yellow")
    if proposal is not None:
        chosen = proposal.trial
        text = f"proposed: threshold {chosen.threshold:g} in {chosen.window}; {proposal.reason}"
        voice.say(text, "green")


def _basis(found: Backtest) -> str:
    text = f"{found.rows:,} rows of {found.days:.2f} days; bold: as the detection has it"
    return text if found.days >= 1 else f"{text}; less than a day, so alerts a day are a guess"


def _always_missed(found: Backtest) -> Sequence[str]:
    if not found.attacks or not found.trials:
        return []
    missed = set(found.trials[0].missed).intersection(*(each.missed for each in found.trials))
    return [f"no value catches {label}" for label in sorted(missed)]
