"""The app is killed four times, as a host does whose memory runs out."""

import os
import signal
import time
from collections.abc import Sequence
from typing import Final

from lab.play.fault import Fault, Scene
from traffic.people import Person

SLUG: Final = "app_restarts"
PATIENCE_S: Final = 60.0
_KILLS: Final = (0.0, 150.0, 300.0, 450.0)


def fault(seed: int, people: Sequence[Person]) -> Fault:
    return Fault(
        slug=SLUG,
        description="The app's processes are killed four times within eight minutes.",
        steps=tuple((at, kill) for at in _KILLS),
    )


def kill(scene: Scene) -> None:
    """Ends the processes for real, and waits until the platform has started them again."""
    site = scene.site.site
    before = site.group_id
    if before is None:
        return
    os.killpg(before, signal.SIGKILL)
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if site.port is not None and site.group_id not in (None, before):
            return
        time.sleep(0.02)
