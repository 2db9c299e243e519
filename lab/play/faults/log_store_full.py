"""The daily cap is reached: the workspace says so, and takes no billed rows until it is reset.

Gigabytes are not sent for it. What is left of the cap is used up as by others who log to the same
workspace, when everybody has gone: no other detection could be judged meanwhile.
"""

from collections.abc import Sequence
from typing import Final

from lab.azure.operationalinsights.daily_cap import DailyCaps
from lab.play.fault import Fault, Scene
from traffic.people import Person

SLUG: Final = "log_store_full"
UNTIL_RESET_S: Final = 10 * 60.0


def fault(seed: int, people: Sequence[Person]) -> Fault:
    return Fault(
        slug=SLUG,
        description="The workspace's daily cap is reached, ten minutes before its reset hour.",
        steps=((0.0, fill), (UNTIL_RESET_S, reset)),
        after_traffic=True,
    )


def fill(scene: Scene) -> None:
    scene.azure.service(DailyCaps).fill(workspace_of(scene))


def reset(scene: Scene) -> None:
    scene.azure.service(DailyCaps).reset(workspace_of(scene))


def workspace_of(scene: Scene) -> str:
    """The id of the workspace whose tables the scene shows."""
    return next(key for key, tables in scene.azure.workspaces.items() if tables is scene.tables)
