"""What a rule is tried on: the recorded attacks, ordinary scenes, and whole ordinary days.

Attacks are the `fires_` cases of the library; scenes its `silent_` cases in which nobody attacks,
and those of lab/judge/ordinary; days what the ordinary visitors of traffic/ do from morning to
morning. No app runs for it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from components.content import detection
from components.content.places import CASES
from lab.cases import boundary_seed, case_file
from lab.cases.case_file import START, Case
from lab.cases.case_pattern import CaseRow
from lab.play import visitor_rows
from lab.play.visitor_rows import BEAT, App
from lab.trial import case_run
from traffic import ordinary, people

Kind = Literal["attack", "trouble", "ordinary", "day"]

TROUBLES: Final = frozenset(
    (
        *(
            "app_restarts",
            "client_errors_above_usual",
            "ingestion_delay",
            "known_people_locked_out",
        ),
        *("log_store_full", "no_log_lines", "sign_ins_unlike_usual", "slow_responses"),
    )
)
"""Detections of what goes wrong without an attacker: to see it is no merit, not to is no fault."""

DAYS: Final = 2
DAY: Final = timedelta(days=1)
_OWN: Final = Path(__file__).with_name("ordinary")
_BELOW: Final = Path(__file__).with_name("below_limits.txt")
_APP: Final = App(
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/lab/providers"
    "/microsoft.web/sites/login-app",
    "login.example.com",
)


@dataclass(frozen=True)
class Scene:
    """Rows of one story. `attack` is the detection's slug that is to see it."""

    kind: Kind
    attack: str
    case: Case
    rows: Sequence[CaseRow]

    @property
    def title(self) -> str:
        """The sentence that names it."""
        return self.case.name.partition("_")[2].replace("_", " ")

    @property
    def tables(self) -> frozenset[str]:
        """The log tables that have a row of it."""
        return frozenset(row.table for row in self.rows)

    def reads_any(self, tables: Collection[str]) -> bool:
        return not self.tables.isdisjoint(tables)


def load(folder: Path = CASES, days: int = DAYS, seed: int = 0) -> list[Scene]:
    """Every scene there is."""
    kinds: dict[str, Kind] = {}
    cases: list[Case] = []
    known = set(detection.slugs())
    below = attackers_below_limits()
    read: set[str] = set()
    for path in sorted(folder.glob("*/*.*")):
        slug, name = path.parent.name, path.stem
        if slug not in known or path.name in boundary_seed.NOT_CASES:
            continue
        if not name.startswith(("fires_", "silent_")) or f"{slug}/{name}" in below:
            continue
        text = path.read_text(encoding="utf-8")
        if name.startswith("silent_") and text in read:  # one story may be several detections'
            continue
        read.add(text)
        case = case_file.load(path, slug)
        cases.append(case)
        if case.fires:
            kinds[case.where] = "trouble" if slug in TROUBLES else "attack"
        else:
            kinds[case.where] = "ordinary"
    for path in sorted(_OWN.glob("silent_*.yaml")):
        cases.append(case := case_file.load(path, ""))
        kinds[case.where] = "ordinary"
    found = [
        Scene(kinds[case.where], case.slug, case, rows) for case, rows in case_run.prepare(cases)
    ]
    return [*found, *_days(days, seed)]


def attackers_below_limits() -> frozenset[str]:
    """`slug/name` of the silent cases that are no ordinary scenes."""
    lines = _BELOW.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _days(number: int, seed: int) -> Iterator[Scene]:
    """Ordinary days from half past seven on, each with dice of its own."""
    for day in range(number):
        crowd = people.population(seed + day, ordinary.PEOPLE)
        scenarios = ordinary.compose(seed + day, crowd, DAY / timedelta(hours=1))
        beats = [START + BEAT * beat for beat in range(DAY // BEAT)]
        made = visitor_rows.rows(_APP, START, scenarios, crowd, beats)
        rows = [_row(table, values) for table, found in made.items() for values in found]
        name = f"silent_ordinary_day_{day + 1}"
        case = Case("", name, name, False, rows)
        yield Scene("day", "", case, rows)


def _row(table: str, values: dict[str, Any]) -> CaseRow:
    when: datetime = values["TimeGenerated"]
    rest = {name: value for name, value in values.items() if name not in ("TimeGenerated", "Type")}
    return CaseRow(when - START, timedelta(0), table, rest)
