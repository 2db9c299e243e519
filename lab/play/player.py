"""Plays the timetable: what is due in the same lab second goes out at the same time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from lab.clock.clock import TRAFFIC, Clock
from lab.play.fault import Fault, Scene
from lab.play.timetable import Appearance
from traffic.action import Action
from traffic.answer import Answer
from traffic.visitor import Visitor

Step = tuple[Visitor, Action]
Send = Callable[[list[Step]], list[Answer]]


class Player:
    """Sends each second's actions through `send`, then lets `collect` gather what the app wrote."""

    def __init__(self, clock: Clock, send: Send, collect: Callable[[], object]) -> None:
        self._clock = clock
        self._send = send
        self._collect = collect
        self.requests = {"ordinary": 0, "attack": 0}
        self.per_minute: dict[datetime, Counter[str]] = defaultdict(Counter)
        self.unanswered: list[Answer] = []

    def play(self, appearances: Iterable[Appearance]) -> int:
        """Books every second on the clock; the number of seconds in which something happens."""
        due: dict[datetime, list[tuple[str, Step]]] = defaultdict(list)
        for appearance in appearances:
            if isinstance(appearance.scenario, Fault):
                continue
            for visitor, action in appearance.scenario.steps():
                moment = appearance.start + timedelta(seconds=int(action.at))
                due[moment].append((appearance.scenario.intent, (visitor, action)))
        for moment, steps in due.items():
            self._clock.at(moment, partial(self._second, steps), order=TRAFFIC)
        return len(due)

    def play_faults(self, appearances: Iterable[Appearance], scene: Scene) -> None:
        """Books every step of the faults among them."""
        for appearance in appearances:
            if isinstance(appearance.scenario, Fault):
                for at, act in appearance.scenario.steps:
                    moment = appearance.start + timedelta(seconds=at)
                    self._clock.at(moment, partial(act, scene), order=TRAFFIC)

    def send(self, steps: Sequence[Step]) -> list[Answer]:
        """Requests of a fault, now: they count as an attack's."""
        return self._second([("attack", step) for step in steps])

    def _second(self, steps: list[tuple[str, Step]]) -> list[Answer]:
        intents = {visitor.key: intent for intent, (visitor, _) in steps}
        answers = self._send([step for _, step in steps])
        self._collect()
        minute = self._clock.now.replace(second=0, microsecond=0)
        for answer in answers:
            intent = intents[answer.visitor.key]
            self.requests[intent] += answer.requests
            self.per_minute[minute][intent] += answer.requests
            if not answer.answered:
                self.unanswered.append(answer)
        return answers
