"""Who comes when: scenarios placed on the lab's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from traffic.scenario import Scenario

FIRST_ATTACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Appearance:
    """A scenario and the lab time of its first second."""

    scenario: Scenario
    start: datetime

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.scenario.duration_s)

    @property
    def is_attack(self) -> bool:
        return self.scenario.intent == "attack"


def timetable(
    ordinary: Sequence[Scenario], attacks: Sequence[Scenario], start: datetime, hours: float
) -> list[Appearance]:
    """Ordinary users come from the start; attacks begin at even distances, the last one in time
    to end within `hours`. An attack longer than that is refused by the caller's `hours`.
    """
    appearances = [Appearance(scenario, start) for scenario in ordinary]
    for number, attack in enumerate(attacks):
        room = timedelta(hours=hours) - timedelta(seconds=attack.duration_s) - FIRST_ATTACK
        share = number / max(len(attacks) - 1, 1)
        offset = FIRST_ATTACK + max(room, timedelta(0)) * share
        moment = start + timedelta(seconds=int(offset.total_seconds()))
        appearances.append(Appearance(attack, moment))
    return appearances
