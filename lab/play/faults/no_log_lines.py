"""Somebody takes the app's diagnostic setting away, and forty minutes later it is given back."""

from collections.abc import Sequence
from typing import Final

from lab.azure.core.diagnostic_setting import settings_of
from lab.azure.core.resource import Resource
from lab.azure.monitor.activity.activity_log import CALLER
from lab.play.fault import Fault, Scene
from traffic.people import Person

SLUG: Final = "no_log_lines"
SILENCE_S: Final = 45 * 60.0


def fault(seed: int, people: Sequence[Person]) -> Fault:
    taken: list[Resource] = []

    def take_away(scene: Scene) -> None:
        for setting in settings_of(scene.azure, scene.site.site.settings.resource_id):
            scene.azure.resources.remove(setting)
            taken.append(setting)

    def give_back(scene: Scene) -> None:
        for setting in taken:
            scene.azure.resources.create(
                setting.token,
                setting.logical_name,
                {**setting.inputs, "name": setting.name},
                urn=setting.urn,
                parent=setting.parent,
                dependencies=setting.dependencies,
            )

    return Fault(
        slug=SLUG,
        description="The app's diagnostic setting is missing for three quarters of an hour.",
        steps=((0.0, take_away), (SILENCE_S, give_back)),
        targets=(CALLER,),
        after_traffic=True,
    )
