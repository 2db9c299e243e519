"""Strangers try a few accounts from many addresses, each address once, for a quarter of an hour."""

from collections.abc import Sequence
from typing import Final

from lab.play.fault import Fault, Step
from traffic import addresses, user_agents
from traffic.action import Action
from traffic.chance import chance
from traffic.people import Person
from traffic.visitor import Visitor

SLUG: Final = "sign_in_failures_above_usual"
TRIES: Final = 60
ACCOUNTS: Final = 8


def fault(seed: int, people: Sequence[Person]) -> Fault:
    """When everybody has gone: among the attacks of an hour nobody could tell its own."""
    dice = chance(SLUG, seed)
    chosen = dice.sample(list(people), ACCOUNTS)
    tries = [
        (
            Visitor(
                f"{SLUG}-{number}", str(addresses.ATTACKERS[number + 1]), user_agents.DESKTOP[0]
            ),
            chosen[number % ACCOUNTS],
        )
        for number in range(TRIES)
    ]

    def attempt(number: int) -> tuple[float, Step]:
        visitor, person = tries[number]
        action = Action(
            0.0, visitor.key, "login", "/login", person.username, person.misremembered(dice)
        )
        return 15.0 * number, lambda scene: scene.send([(visitor, action)])

    return Fault(
        slug=SLUG,
        description=f"{TRIES} addresses try {ACCOUNTS} accounts, once each.",
        steps=tuple(attempt(number) for number in range(TRIES)),
        sources=tuple(visitor.address for visitor, _ in tries),
        targets=tuple(person.username for person in chosen),
        after_traffic=True,
    )
