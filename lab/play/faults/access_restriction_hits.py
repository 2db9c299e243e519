"""An address is blocked, as a playbook does it, and its owner goes on asking."""

from collections.abc import Sequence
from typing import Final

from lab.azure.web.site.access_restriction import AccessRestrictions, Restriction
from lab.play.fault import Fault, Scene
from traffic import addresses, user_agents
from traffic.action import Action
from traffic.people import Person
from traffic.visitor import Visitor

SLUG: Final = "access_restriction_hits"
ADDRESS: Final = str(addresses.attacker_block(7)[20])
REQUESTS: Final = 30


def fault(seed: int, people: Sequence[Person]) -> Fault:
    asked = tuple((10.0 + 5 * number, ask) for number in range(REQUESTS))
    return Fault(
        slug=SLUG,
        description=f"{ADDRESS} is blocked and asks {REQUESTS} times more.",
        steps=((0.0, block), *asked, (asked[-1][0] + 60, unblock)),
        sources=(ADDRESS,),
    )


def block(scene: Scene) -> None:
    scene.site.site.restrictions = AccessRestrictions(
        (Restriction("blocked", 100, False, f"{ADDRESS}/32"),)
    )


def unblock(scene: Scene) -> None:
    scene.site.site.restrictions = AccessRestrictions()


def ask(scene: Scene) -> None:
    visitor = Visitor(SLUG, ADDRESS, user_agents.DESKTOP[0])
    scene.send([(visitor, Action(0.0, visitor.key, "get", "/login"))])
