"""Somebody with rights on the subscription writes over an action group."""

from collections.abc import Sequence
from typing import Final

from lab.azure.monitor.activity.activity_log import CALLER
from lab.play.fault import Fault, Scene
from traffic.people import Person

SLUG: Final = "monitoring_changed"
GROUP: Final = "azure-native:monitor:ActionGroup"


def fault(seed: int, people: Sequence[Person]) -> Fault:
    return Fault(
        slug=SLUG,
        description="An action group is written over, and a minute later as it was.",
        steps=((0.0, change), (60.0, change_back)),
        targets=(CALLER,),
    )


def change(scene: Scene) -> None:
    """Only its tags: everybody still gets the alerts of the other detections."""
    group = scene.azure.resources.list(GROUP)[0]
    tags = {**(group.inputs.get("tags") or {}), "changed-by": "somebody"}
    scene.azure.resources.change(group, {**group.inputs, "tags": tags})


def change_back(scene: Scene) -> None:
    group = scene.azure.resources.list(GROUP)[0]
    tags = {key: each for key, each in group.inputs["tags"].items() if key != "changed-by"}
    scene.azure.resources.change(group, {**group.inputs, "tags": tags})
