"""A botnet on one account: many addresses, few tries each."""

from collections.abc import Sequence
from random import Random

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario, in_order
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "brute_force_on_one_account"
_BOTS_V4, _BOTS_V6 = 24, 12
_DURATION_S = 480


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    dice = chance(SLUG, seed)
    victim = dice.choice(people)
    bots = _bots(dice)
    # Which bot tries when: spread evenly, so that no minute stands out.
    turns = dice.sample(range(len(bots)), len(bots))
    visits = []
    passwords = iter(dice.sample(COMMON_PASSWORDS, len(COMMON_PASSWORDS)) * 4)
    for bot, turn in zip(bots, turns, strict=True):
        visit = Visit(bot, turn * _DURATION_S / len(bots), dice)
        for _ in range(dice.choice((1, 2, 2, 3))):
            visit.try_password(victim.username, next(passwords), (1.0, 40.0))
        visits.append(visit)
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="Three dozen addresses, IPv6 among them, try one to three passwords each on "
        "the same account.",
        visitors=bots,
        actions=in_order(action for visit in visits for action in visit.actions),
        sources=tuple(bot.address for bot in bots),
        targets=(victim.username,),
    )


def _bots(dice: Random) -> tuple[Visitor, ...]:
    block = addresses.attacker_block(1)
    found = [str(block[host]) for host in dice.sample(range(1, 31), _BOTS_V4)]
    customers = dice.sample(range(2**16), _BOTS_V6)
    found += [
        addresses.in_v6(addresses.ATTACKERS_V6, customer, dice.randrange(1, 2**64))
        for customer in customers
    ]
    agents = user_agents.DESKTOP + user_agents.PHONE
    return tuple(
        Visitor(f"{SLUG}-{number:02}", address, dice.choice(agents))
        for number, address in enumerate(found)
    )
