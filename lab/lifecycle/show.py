"""The table of a life, and its figures in a sentence."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from lab.lifecycle.result import Lifetime, StepResult, Verdict
from lab.report import voice
from lab.report.plain_text import plain

_STYLES: Final[Mapping[Verdict, str]] = {
    "survived": "green",
    "refused": "yellow",
    "named": "yellow",
    "failed": "bold red",
}


def show(life: Lifetime) -> None:
    """Every step, what went wrong in it, and the figures."""
    voice.show(_table(life.steps))
    for step in life.steps:
        for problem in step.problems:
            voice.say(f"{step.name}: {problem}", _STYLES[step.verdict])
    if life.untried:
        keys = ", ".join(life.untried)
        voice.say(f"not tried: {keys}; expected another value in lab/lifecycle/trial.py", "red")
    voice.say(figures(life), "dim")
    failed = [step.name for step in life.steps if step.verdict == "failed"]
    words = f"{len(failed)} steps failed" if failed else f"stack {life.stack} lives"
    voice.say(words, "bold green" if life.passed else "bold red")


def figures(life: Lifetime) -> str:
    """The figures that are compared from run to run."""
    told = life.figures
    parts = [
        f"settings tried one by one {told['settings_tried']:g}, survived"
        f" {told['settings_survived']:g}, refused as Azure does {told['settings_refused']:g}",
        f"replacements expected {told['replacements_expected']:g}, unexpected"
        f" {told['replacements_unexpected']:g}",
    ]
    if told["faults_injected"]:
        parts.append(
            f"faults injected {told['faults_injected']:g}, survived {told['faults_survived']:g},"
            f" named {told['faults_named']:g}"
        )
    return "; ".join([*parts, f"{told['seconds']:.0f} s ({life.engine})"])


def _table(steps: Sequence[StepResult]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("step", no_wrap=True)
    for column in ("changed", "replaced", "away", "lost rows"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for step in steps:
        table.add_row(
            plain(step.name),
            plain(str(step.changed)),
            plain(_replaced(step)),
            plain(_span(step.downtime_s)),
            plain(str(step.lost_rows or "")),
            plain(step.verdict, _STYLES[step.verdict]),
        )
    return table


def _replaced(step: StepResult) -> str:
    """`96`, of which not expected `96 (2 not expected)`."""
    every = len(step.expected) + len(step.unexpected)
    if not step.unexpected:
        return str(every or "")
    return f"{every} ({len(step.unexpected)} not expected)"


def _span(seconds: float) -> str:
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
