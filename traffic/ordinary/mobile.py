"""People on the way: the address changes in the middle of the session."""

from collections.abc import Sequence
from dataclasses import replace

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "mobile"
TRAVELLERS = 10
_FIRST_HOUSEHOLD = 170


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """Each signs in at home and goes on from the carrier's address, with the same cookies."""
    dice = chance(KIND, seed)
    visits, visitors = [], []
    for number, person in enumerate(share(people, 0, TRAVELLERS)):
        at_home = Visitor(
            key=f"{KIND}-{number}-home",
            address=addresses.home(_FIRST_HOUSEHOLD + number),
            user_agent=dice.choice(user_agents.PHONE),
            browser=f"{KIND}-{number}",
        )
        carrier = (
            addresses.in_v6(addresses.MOBILE_CARRIER_V6, number)
            if number % 2
            else str(addresses.MOBILE_CARRIER[number + 1])
        )
        on_the_way = replace(at_home, key=f"{KIND}-{number}-away", address=carrier)
        visit = Visit(at_home, round(dice.uniform(0, 2400), 3), dice)
        visit.get("/", (0, 1))
        visit.get("/login")
        visit.sign_in(person, slips=1 if dice.random() < 0.2 else 0)
        visit.browse(dice.randrange(3, 7))
        visit.visitor = on_the_way
        visit.browse(dice.randrange(4, 10), (10, 60))
        visits.append(visit)
        visitors += [at_home, on_the_way]
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description=f"{TRAVELLERS} people sign in at home and keep browsing on the way, from "
        "another address.",
        visitors=tuple(visitors),
        actions=in_order((action for visit in visits for action in visit.actions), hours * 3600),
    )
