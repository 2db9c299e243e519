"""A bought list of names and passwords, one try for each, from a botnet."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "credential_stuffing"
_BOTS = 50
_KNOWN = 12
_DURATION_S = 900


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Most of the list are strangers; one of the passwords still fits."""
    dice = chance(SLUG, seed)
    known = dice.sample(list(people), min(_KNOWN, len(people)))
    pairs = [(known[0].username, known[0].password)]
    pairs += [(person.username, dice.choice(COMMON_PASSWORDS)) for person in known[1:]]
    pairs += [
        (f"{dice.choice('abcdefgh')}{number:03}@example.com", dice.choice(COMMON_PASSWORDS))
        for number in range(_BOTS - len(pairs))
    ]
    dice.shuffle(pairs)
    hosts = dice.sample(range(1, addresses.BOTNET.num_addresses - 1), _BOTS)
    agents = user_agents.DESKTOP + user_agents.PHONE
    visits = []
    for number, (pair, host) in enumerate(zip(pairs, hosts, strict=True)):
        bot = Visitor(f"{SLUG}-{number:02}", str(addresses.BOTNET[host]), dice.choice(agents))
        visit = Visit(bot, number * _DURATION_S / _BOTS, dice)
        visit.try_password(*pair, (1.0, 15.0))
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description=f"{_BOTS} addresses try one pair of name and password each; one of them fits.",
        visitors=tuple(visit.visitor for visit in visits),
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(visit.visitor.address for visit in visits),
        targets=tuple(sorted(name for name, _ in pairs)),
    )
