"""The tables of the command line: what there is to send, and what came back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from rich import box
from rich.table import Table

from traffic.answer import Answer
from traffic.scenario import Scenario

_STATUSES = ("2xx", "3xx", "4xx", "429", "5xx", "no answer")


@dataclass(frozen=True)
class Row:
    """What came back for one scenario."""

    slug: str
    planned: int
    """Actions of the scenario."""
    sent: int
    """Actions carried out, answered or not."""
    requests: int
    """HTTP requests made for them."""
    statuses: dict[str, int]
    """Actions by the class of their last answer; 429 counts apart from the other 4xx."""
    signed_in: int
    median_ms: float


def rows(scenarios: Sequence[Scenario], answers: Iterable[Answer]) -> list[Row]:
    """One row per scenario, in their order."""
    owner = {visitor.key: scenario.slug for scenario in scenarios for visitor in scenario.visitors}
    heard: dict[str, list[Answer]] = {scenario.slug: [] for scenario in scenarios}
    for answer in answers:
        heard[owner[answer.visitor.key]].append(answer)
    return [_row(scenario, heard[scenario.slug]) for scenario in scenarios]


def sent(found: Sequence[Row]) -> Table:
    """A column for each status class that occurred."""
    statuses = [name for name in _STATUSES if any(row.statuses[name] for row in found)]
    shown = Table(box=box.SIMPLE)
    shown.add_column("scenario", no_wrap=True)
    for heading in ("actions", "requests", *statuses, "signed in", "median"):
        shown.add_column(heading, justify="right")
    for row in found:
        shown.add_row(
            row.slug,
            str(row.sent) if row.sent == row.planned else f"{row.sent} of {row.planned}",
            str(row.requests),
            *(str(row.statuses[name]) for name in statuses),
            str(row.signed_in),
            f"{row.median_ms:.0f} ms",
        )
    return shown


def catalogue(scenarios: Iterable[Scenario]) -> Table:
    shown = Table(box=box.SIMPLE)
    shown.add_column("scenario", no_wrap=True)
    for heading in ("intent", "actions", "minutes"):
        shown.add_column(heading, justify="right" if heading != "intent" else "left")
    shown.add_column("description")
    for scenario in scenarios:
        shown.add_row(
            scenario.slug,
            scenario.intent,
            str(len(scenario.actions)),
            f"{scenario.duration_s / 60:.0f}",
            scenario.description,
        )
    return shown


def _row(scenario: Scenario, answers: list[Answer]) -> Row:
    statuses = dict.fromkeys(_STATUSES, 0)
    for answer in answers:
        statuses[_class(answer)] += 1
    return Row(
        slug=scenario.slug,
        planned=len(scenario.actions),
        sent=len(answers),
        requests=sum(answer.requests for answer in answers),
        statuses=statuses,
        signed_in=sum(answer.signed_in for answer in answers),
        median_ms=median(answer.elapsed_s for answer in answers) * 1000 if answers else 0.0,
    )


def _class(answer: Answer) -> str:
    if not answer.answered:
        return "no answer"
    return "429" if answer.status == 429 else f"{answer.status // 100}xx"
