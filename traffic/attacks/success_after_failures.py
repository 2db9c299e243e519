"""Guesses on one account until one of them is right."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "success_after_failures"
_FAILURES = 15
# Four to eight tries a minute: beneath the app's limit of 30, so that the last one gets through.
_PAUSE = (8.0, 14.0)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    dice = chance(SLUG, seed)
    victim = dice.choice(people)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(3)[dice.randrange(1, 31)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    wrong = [word for word in COMMON_PASSWORDS if word != victim.password]
    visit = Visit(attacker, 0.0, dice)
    for password in dice.sample(wrong, _FAILURES):
        visit.try_password(victim.username, password, _PAUSE)
    visit.try_password(victim.username, victim.password, _PAUSE, solves=True)
    visit.get("/account", (0.3, 1.5))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address fails fifteen times on one account within minutes, then gets in.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
        targets=(victim.username,),
    )
