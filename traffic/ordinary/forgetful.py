"""People who forget their password, give up, and remember it later."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "forgetful"
PEOPLE = 4
_TRIES = 4
_FIRST_HOUSEHOLD = 150


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """Each fails four times within minutes and signs in half an hour later."""
    dice = chance(KIND, seed)
    visits = []
    for number, person in enumerate(share(people, 0, PEOPLE)):
        visitor = Visitor(
            f"{KIND}-{number}",
            addresses.home(_FIRST_HOUSEHOLD + number),
            dice.choice(user_agents.DESKTOP),
        )
        visit = Visit(visitor, round(dice.uniform(0, 1200), 3), dice)
        visit.get("/", (0, 1))
        visit.get("/login")
        visit.fail(person, _TRIES)
        visit.get("/")
        visit.now += dice.uniform(15 * 60, 30 * 60)
        visit.get("/login")
        visit.sign_in(person)
        visit.browse(dice.randrange(3, 7))
        visits.append(visit)
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description=f"{PEOPLE} people forget their password, try {_TRIES} times, give up, and "
        "sign in half an hour later.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order((action for visit in visits for action in visit.actions), hours * 3600),
    )
