"""Azure takes twenty minutes longer to let rows be seen, for half an hour."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from lab.play.fault import Fault, Scene
from traffic.people import Person

SLUG: Final = "ingestion_delay"
LONGER: Final = timedelta(minutes=20)
FOR_S: Final = 30 * 60.0


def fault(seed: int, people: Sequence[Person]) -> Fault:
    return Fault(
        slug=SLUG,
        description="For half an hour rows take twenty minutes longer.",
        steps=((0.0, slower), (FOR_S, as_before)),
        after_traffic=True,
    )


def slower(scene: Scene) -> None:
    scene.azure.ingestion_delay += LONGER


def as_before(scene: Scene) -> None:
    scene.azure.ingestion_delay -= LONGER
