"""People who got in the day before come with passwords that hold no more."""

from collections.abc import Sequence
from typing import Final

from lab.play import day_before
from lab.play.fault import Fault, Scene
from traffic.action import Action
from traffic.chance import chance
from traffic.people import Person

SLUG: Final = "known_people_locked_out"
PEOPLE: Final = 14


def fault(seed: int, people: Sequence[Person]) -> Fault:
    """The app is left as it is: wrong passwords are what a database of last month makes of right
    ones.
    """
    dice = chance(SLUG, seed)
    owners = {person.username: person for person in people}
    known = day_before.signed_in(people, seed)[:PEOPLE]

    def come(scene: Scene) -> None:
        for visitor, username in known:
            wrong = owners[username].misremembered(dice)
            scene.send([(visitor, Action(0.0, visitor.key, "login", "/login", username, wrong))])

    return Fault(
        slug=SLUG,
        description=f"{PEOPLE} people try in vain what opened the day before.",
        steps=((0.0, come),),
        targets=tuple(username for _, username in known),
        after_traffic=True,
    )
