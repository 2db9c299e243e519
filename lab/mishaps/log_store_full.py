"""The daily cap is reached: the workspace says so in its own words.

The lab drops no rows for it, because then no other detection could be judged.
"""

from collections.abc import Sequence
from typing import Final

from lab.mishap import Mishap, Scene
from traffic.people import Person

SLUG: Final = "log_store_full"


def mishap(seed: int, people: Sequence[Person]) -> Mishap:
    return Mishap(
        slug=SLUG,
        description="The workspace tells that its daily cap is reached.",
        steps=((0.0, tell),),
    )


def tell(scene: Scene) -> None:
    """Operation and Detail as in rows of real workspaces."""
    now = scene.azure.clock.now
    scene.tables.write(
        "_LogOperation",
        [
            {
                "TimeGenerated": now,
                "Category": "Ingestion",
                "Operation": "Data collection stopped",
                "Level": "Warning",
                "Detail": "Data collection stopped due to daily limit of free data reached."
                " Ingestion status = OverQuota",
            }
        ],
        now + scene.azure.ingestion_delay,
    )
