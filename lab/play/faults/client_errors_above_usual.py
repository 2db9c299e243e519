"""An access restriction that was meant for one turns everybody away."""

from collections.abc import Sequence
from typing import Final

from lab.azure.web.site.access_restriction import AccessRestrictions, Restriction
from lab.play import day_before
from lab.play.fault import Fault, Scene
from traffic.action import Action
from traffic.people import Person

SLUG: Final = "client_errors_above_usual"
VISITORS: Final = 25
PAGES: Final = ("/", "/login")


def fault(seed: int, people: Sequence[Person]) -> Fault:
    visitors = [visitor for visitor, _ in day_before.signed_in(people, seed)][:VISITORS]
    targets = [each.address for each in visitors]

    def come(scene: Scene) -> None:
        targets.extend(scene.layout.path(page) for page in PAGES)
        for page in PAGES:
            scene.send([(each, Action(0.0, each.key, "get", page)) for each in visitors])

    return Fault(
        slug=SLUG,
        description=f"Everybody is turned away, {VISITORS} people of the day before among them.",
        steps=((0.0, shut), (30.0, come), (180.0, open_again)),
        targets=targets,
        after_traffic=True,
    )


def shut(scene: Scene) -> None:
    scene.site.site.restrictions = AccessRestrictions((Restriction("all", 100, False, "Any"),))


def open_again(scene: Scene) -> None:
    scene.site.site.restrictions = AccessRestrictions()
