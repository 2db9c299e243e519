"""People with an account, made up or read from a file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count as counting
from pathlib import Path
from random import Random

from components.limits.refusal import RefusedError
from traffic.chance import chance

_GIVEN = (
    "Maeve", "Zoë", "Jean-Luc", "François", "Ana", "Søren", "Nils", "Giulia", "Mei-Ling", "Amara",
    "Björn", "Chloé", "Dmitri", "Eoin", "Fatima", "Hana", "Ivan", "José", "Kateřina", "Liam",
)  # fmt: skip
_FAMILY = (
    "O'Brien", "Müller", "D'Angelo", "Smith-Jones", "García", "Nguyễn", "O'Neill", "Kowalski",
    "Åkesson", "Okafor", "van-der-Berg", "N'Diaye", "Tanaka", "Lefèvre", "Schmidt", "Rossi",
)  # fmt: skip
_WORDS = (
    "anchor", "basil", "copper", "dune", "ember", "fjord", "gravel", "harbour", "indigo", "juniper",
    "kettle", "lantern", "meadow", "nutmeg", "orchard", "pebble", "quill", "ripple", "saffron",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """An account and the password its owner knows."""

    username: str
    password: str = field(repr=False)

    def mistyped(self, dice: Random) -> str:
        """The password with one slip of the finger: never the right one."""
        at = dice.randrange(len(self.password))
        slips = (
            self.password.swapcase(),
            self.password[:at] + self.password[at + 1 :],
            self.password[: at + 1] + self.password[at:],
        )
        wrong = dice.choice(slips)
        return wrong if wrong not in (self.password, "") else self.password + "x"

    def misremembered(self, dice: Random) -> str:
        """Some other password its owner once had."""
        wrong = f"{dice.choice(_WORDS)}-{dice.choice(_WORDS)}-{dice.randrange(2019, 2026)}"
        return wrong if wrong != self.password else wrong + "x"


def population(seed: int, count: int) -> list[Person]:
    """People with distinct usernames; apostrophes, accents and hyphens among them."""
    dice = chance("people", seed)
    people: dict[str, Person] = {}
    while len(people) < count:
        stem = f"{dice.choice(_GIVEN)}.{dice.choice(_FAMILY)}".lower()
        names = (stem if number == 1 else f"{stem}{number}" for number in counting(1))
        username = next(name for name in names if name not in people)
        password = "-".join([*dice.sample(_WORDS, 3), str(dice.randrange(10, 100))])
        people[username] = Person(username, password)
    return list(people.values())


def share(people: Sequence[Person], start: int, count: int) -> list[Person]:
    """`count` people from `start` on, beginning anew where there are too few."""
    if not people:
        raise RefusedError.of("people is empty", "at least one person is needed")
    return [people[(start + number) % len(people)] for number in range(count)]


def read(path: Path) -> list[Person]:
    """People of a JSON object, username to password."""
    expected = f"a JSON object, username to password, is expected ({path})"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise RefusedError.of(f"people file cannot be read: {problem.strerror}", expected) from None
    except ValueError as problem:
        # The complaint of json names a place, never the text around it.
        raise RefusedError.of(f"people file is not JSON: {problem}", expected) from None
    if not isinstance(found, dict) or not found:
        raise RefusedError.of("people file holds no people", expected)
    wrong = [name for name, password in found.items() if not (name and _is_password(password))]
    if wrong:
        raise RefusedError.of(f"password of {wrong[0]!r} is not a non-empty string", expected)
    return [Person(username, password) for username, password in found.items()]


def _is_password(value: object) -> bool:
    return isinstance(value, str) and bool(value)
