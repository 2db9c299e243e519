"""The app hangs twice for some seconds, with as many people at the door as it can hold."""

import os
import signal
import threading
from collections.abc import Sequence
from typing import Final

from lab.play.fault import Fault, Scene
from traffic import addresses, user_agents
from traffic.action import Action
from traffic.people import Person
from traffic.visitor import Visitor

SLUG: Final = "slow_responses"
HANGS_S: Final = 3.4
VISITORS: Final = 16


def fault(seed: int, people: Sequence[Person]) -> Fault:
    return Fault(
        slug=SLUG,
        description=f"The app stops twice for {HANGS_S:g} s while {VISITORS} people wait.",
        steps=((0.0, hang), (15.0, hang)),
    )


def hang(scene: Scene) -> None:
    """Stops the processes for real, lets people come, and lets the processes go on."""
    group = scene.site.site.group_id
    if group is None:
        return
    visitors = [
        Visitor(f"{SLUG}-{number}", addresses.home(number), user_agents.DESKTOP[0])
        for number in range(VISITORS)
    ]
    os.killpg(group, signal.SIGSTOP)
    waking = threading.Timer(HANGS_S, os.killpg, (group, signal.SIGCONT))
    waking.start()
    try:
        scene.send([(each, Action(0.0, each.key, "get", "/login")) for each in visitors])
    finally:
        waking.cancel()
        os.killpg(group, signal.SIGCONT)
