"""Monday morning in an office: everybody signs in, all behind one address."""

from collections.abc import Sequence
from random import Random

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor

KIND = "office"
STAFF = 40
_MISTYPING = STAFF // 5
_FORGETTING = 2
_SIGN_IN_S = 1700
_WORKDAY_S = 8.5 * 3600
_BETWEEN_LOOKS_S = 170


def scenario(seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    """Everybody signs in during the first half hour; from then on they look in now and then."""
    dice = chance(KIND, seed)
    end = hours * 3600
    odd = dice.sample(range(STAFF), _MISTYPING + _FORGETTING)
    forgetting, mistyping = odd[:_FORGETTING], odd[_FORGETTING:]
    visits = []
    for number, person in enumerate(share(people, 0, STAFF)):
        visitor = Visitor(f"{KIND}-{number:02}", addresses.OFFICE, dice.choice(user_agents.DESKTOP))
        visit = Visit(visitor, round(dice.triangular(0, _SIGN_IN_S, _SIGN_IN_S / 2), 3), dice)
        _arrive(visit, dice)
        if number in forgetting:
            visit.fail(person, dice.choice((3, 4)))
            if number == forgetting[0]:
                _come_back(visit, person, dice)
        else:
            visit.sign_in(person, slips=dice.choice((1, 2)) if number in mistyping else 0)
            _work(visit, min(end, _WORKDAY_S), dice)
        visits.append(visit)
    return Scenario(
        slug=KIND,
        intent="ordinary",
        description=f"{STAFF} people behind one address sign in on Monday morning; some mistype, "
        "two have forgotten their password.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order((action for visit in visits for action in visit.actions), end),
    )


def _arrive(visit: Visit, dice: Random) -> None:
    visit.get("/", (0, 1))
    # Browsers keep even a missing icon in mind; only a new one asks for it.
    if dice.random() < 0.15:
        visit.get("/favicon.ico", (0.1, 0.5))
    visit.get("/login")


def _come_back(visit: Visit, person: Person, dice: Random) -> None:
    """Half an hour later a colleague has told where the note with the password is."""
    visit.now += dice.uniform(20 * 60, 30 * 60)
    visit.get("/login")
    visit.sign_in(person)
    visit.browse(3)


def _work(visit: Visit, end: float, dice: Random) -> None:
    while visit.now < end:
        visit.now += dice.expovariate(1 / _BETWEEN_LOOKS_S)
        visit.browse(dice.choice((1, 1, 2)))
