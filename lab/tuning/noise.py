"""How often each detection fires on ordinary people alone: a day of them, and nobody else.

The day is played like a rehearsal: real requests to the running app from Monday morning on, an
office, home users, travellers, searchers, a crawler and a health probe; only the clock is not
waited for. No attack comes, so every alert is a false one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from components.content.attack_coverage import digest
from components.content.detection import Detection
from lab.play.timetable import Appearance, timetable
from lab.rehearsal.rehearsal import Rehearsal
from lab.report.model import Report
from traffic import ordinary


class OrdinaryDays(Rehearsal):
    """A rehearsal to which no attacker comes."""

    def _appearances(self) -> list[Appearance]:
        usual = ordinary.compose(self.options.seed, self.people, self.options.hours)
        return timetable(usual, [], self.clock.now, self.options.hours)


@dataclass(frozen=True)
class NoiseFigure:
    """Alerts of one detection on ordinary traffic; `digest` says of which form of it."""

    slug: str
    digest: str
    alerts: int
    alerts_a_day: float


@dataclass(frozen=True)
class NoiseRecord:
    """What was measured, when, and on how many people."""

    measured: date
    users: int
    hours: float
    seed: int
    requests: int
    rows: int
    figures: tuple[NoiseFigure, ...]

    def as_json(self) -> dict[str, object]:
        """The form of docs/noise.json."""
        return {
            "measured": self.measured.isoformat(),
            "users": self.users,
            "hours": self.hours,
            "seed": self.seed,
            "requests": self.requests,
            "rows": self.rows,
            "detections": {
                each.slug: {
                    "digest": each.digest,
                    "alerts": each.alerts,
                    "alerts_a_day": each.alerts_a_day,
                }
                for each in self.figures
            },
        }


def measured(
    report: Report, deployed: Sequence[Detection], hours: float, seed: int, today: date
) -> NoiseRecord:
    """The record of a run of OrdinaryDays; `deployed`: the detections that watched it."""
    fired = Counter(alert.slug for alert in report.alerts)
    return NoiseRecord(
        measured=today,
        users=ordinary.PEOPLE,
        hours=hours,
        seed=seed,
        requests=int(report.figures["requests"]),
        rows=int(report.figures["rows"]),
        figures=tuple(
            NoiseFigure(
                each.slug, digest(each), fired[each.slug], round(fired[each.slug] * 24 / hours, 2)
            )
            for each in sorted(deployed, key=lambda each: each.slug)
        ),
    )
