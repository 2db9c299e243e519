"""People at home, each behind an address of their own."""

from collections.abc import Sequence
from math import ceil

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "home_users"
HOUSEHOLDS = 70
_COMES_IN_AN_HOUR = 0.9
_MISTYPES = 0.12
_LOGS_OUT = 0.6
_FIRST_VISIT = 0.1


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """About one visit per household and hour; a closed browser has forgotten its session."""
    dice = chance(KIND, seed)
    visits = []
    for number, person in enumerate(share(people, 0, HOUSEHOLDS)):
        agent = dice.choice(user_agents.DESKTOP + user_agents.PHONE)
        for hour in range(ceil(hours)):
            if dice.random() > _COMES_IN_AN_HOUR:
                continue
            visitor = Visitor(f"{KIND}-{number:02}-{hour:02}", addresses.home(number), agent)
            visit = Visit(visitor, hour * 3600 + round(dice.uniform(0, 3300), 3), dice)
            visit.get("/", (0, 1))
            if dice.random() < _FIRST_VISIT:
                visit.get("/favicon.ico", (0.1, 0.5))
            visit.get("/login")
            visit.sign_in(person, slips=1 if dice.random() < _MISTYPES else 0)
            visit.browse(dice.randrange(5, 15))
            if dice.random() < _LOGS_OUT:
                visit.log_out()
            visits.append(visit)
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description=f"{HOUSEHOLDS} people, each with an address of their own, browse, sign in, "
        "sometimes mistype, and often log out.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order((action for visit in visits for action in visit.actions), hours * 3600),
    )
