"""Sends scenarios in real time, faster or slower."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import groupby
from time import monotonic

from traffic.answer import Answer
from traffic.driver import Driver, Step
from traffic.scenario import Scenario
from traffic.target import NoAnswerError

# Batches under way; a target slower than that is waited for, not piled upon.
_MOST_BATCHES = 64
_GIVE_UP_AFTER = 20


class Playback:
    """All scenarios from one common start; the answers so far are there at any time."""

    def __init__(self, driver: Driver, scenarios: Iterable[Scenario], speed: float) -> None:
        steps = [step for scenario in scenarios for step in scenario.steps()]
        self._steps = sorted(steps, key=lambda step: step[1].at)
        self._driver, self._speed = driver, speed
        self._silent = 0
        self.answers: list[Answer] = []

    @property
    def planned(self) -> int:
        return len(self._steps)

    async def run(self, heard: Callable[[int], object] = lambda _: None) -> None:
        """Until the last answer; tells `heard` how many have come.

        NoAnswerError after twenty actions in a row that got no answer.
        """
        started = monotonic()
        under_way: set[asyncio.Task[None]] = set()
        try:
            for at, batch in groupby(self._steps, key=lambda step: step[1].at):
                await asyncio.sleep(max(0.0, started + at / self._speed - monotonic()))
                under_way.add(asyncio.create_task(self._send(list(batch), heard)))
                if len(under_way) >= _MOST_BATCHES:
                    await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                under_way = self._kept(under_way)
            await asyncio.gather(*under_way)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _send(self, batch: list[Step], heard: Callable[[int], object]) -> None:
        for answer in await self._driver.send(batch):
            self.answers.append(answer)
            self._silent = 0 if answer.answered else self._silent + 1
            if self._silent >= _GIVE_UP_AFTER:
                raise NoAnswerError.of(
                    f"target {self._driver.base_url} no longer answers: {answer.error}",
                    "see what the app says",
                )
        heard(len(self.answers))

    @staticmethod
    def _kept(tasks: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        """The tasks still running; the failure of a finished one is raised here."""
        for task in tasks:
            if task.done():
                task.result()
        return {task for task in tasks if not task.done()}
