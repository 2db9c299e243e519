"""Scripted traffic with a known intent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from traffic.action import Action
from traffic.visitor import Visitor

Intent = Literal["attack", "ordinary"]


@dataclass(frozen=True)
class Scenario:
    """Actions in the order of their time, by visitors that are all known."""

    slug: str
    intent: Intent
    description: str
    visitors: tuple[Visitor, ...]
    actions: tuple[Action, ...]
    sources: tuple[str, ...] = ()
    """The attacker's addresses."""
    targets: tuple[str, ...] = ()
    """The attacked accounts, existing or not."""

    def __post_init__(self) -> None:
        keys = [visitor.key for visitor in self.visitors]
        if len(set(keys)) < len(keys):
            raise ValueError(f"visitors of scenario {self.slug} share a key; each needs its own")
        strangers = sorted({action.visitor for action in self.actions} - set(keys))
        if strangers:
            raise ValueError(
                f"scenario {self.slug} has actions of unknown visitor {strangers[0]}; list it"
            )
        times = [action.at for action in self.actions]
        if times != sorted(times) or (times and times[0] < 0):
            raise ValueError(
                f"actions of scenario {self.slug} are out of order; sort them by `at`, from 0 on"
            )

    @property
    def duration_s(self) -> float:
        return self.actions[-1].at if self.actions else 0.0

    def steps(self) -> list[tuple[Visitor, Action]]:
        """Each action with the visitor who does it, in order: what a driver takes."""
        known = {visitor.key: visitor for visitor in self.visitors}
        return [(known[action.visitor], action) for action in self.actions]


def in_order(actions: Iterable[Action], until: float | None = None) -> tuple[Action, ...]:
    """Actions sorted by time, those from `until` (seconds) on cut off."""
    kept = (action for action in actions if until is None or action.at < until)
    return tuple(sorted(kept, key=lambda action: action.at))
