"""A program that posts to the login without ever having seen the form."""

from collections.abc import Sequence
from urllib.parse import urlencode

from traffic import addresses, user_agents
from traffic.action import Action
from traffic.chance import chance
from traffic.people import Person, share
from traffic.scenario import Scenario
from traffic.visitor import Visitor
from traffic.wordlist import COMMON_PASSWORDS

SLUG = "csrf_failures"
_TRIES = 16
_BETWEEN_S = 20.0
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """No password is ever checked, and so nobody is a target."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.hosting_block(5)[dice.randrange(4)]),
        user_agent=user_agents.HEADLESS,
    )
    actions = tuple(
        Action(
            at=number * _BETWEEN_S,
            visitor=SLUG,
            kind="request",
            path="/login",
            method="POST",
            headers=_FORM,
            data=urlencode({"username": person.username, "password": password}),
        )
        for number, (person, password) in enumerate(
            zip(
                share(people, dice.randrange(1000), _TRIES),
                dice.sample(COMMON_PASSWORDS, _TRIES),
                strict=True,
            )
        )
    )
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address posts sixteen names and passwords without the token of the form.",
        visitors=(attacker,),
        actions=actions,
        sources=(attacker.address,),
        targets=(),
    )
