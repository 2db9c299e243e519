"""Who comes when: scenarios placed on the lab's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lab.play.fault import Fault
from traffic.scenario import Scenario

FIRST_ATTACK = timedelta(minutes=5)
PAUSE = timedelta(minutes=20)
"""Before each fault that comes when everybody has gone: the alert of the one before is over."""


@dataclass(frozen=True)
class Appearance:
    """A scenario and the lab time of its first second."""

    scenario: Scenario | Fault
    start: datetime

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.scenario.duration_s)

    @property
    def is_attack(self) -> bool:
        """Whether a detection has to tell of it, be it an attacker's doing or a fault."""
        return self.scenario.intent != "ordinary"


def timetable(
    ordinary: Sequence[Scenario],
    attacks: Sequence[Scenario | Fault],
    start: datetime,
    hours: float,
) -> list[Appearance]:
    """Ordinary users come from the start; attacks begin at even distances, the last one in time
    to end within `hours`. An attack longer than that is refused by the caller's `hours`. Faults
    that want nobody about come afterwards, one by one.
    """
    appearances = [Appearance(scenario, start) for scenario in ordinary]
    among = [each for each in attacks if not _comes_last(each)]
    for number, attack in enumerate(among):
        room = timedelta(hours=hours) - timedelta(seconds=attack.duration_s) - FIRST_ATTACK
        share = number / max(len(among) - 1, 1)
        offset = FIRST_ATTACK + max(room, timedelta(0)) * share
        moment = start + timedelta(seconds=int(offset.total_seconds()))
        appearances.append(Appearance(attack, moment))
    end = max((each.end for each in appearances), default=start)
    for attack in attacks:
        if _comes_last(attack):
            appearances.append(Appearance(attack, end + PAUSE))
            end = appearances[-1].end
    return appearances


def _comes_last(scenario: Scenario | Fault) -> bool:
    return isinstance(scenario, Fault) and scenario.after_traffic
