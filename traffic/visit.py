"""A visit in the making: what one visitor does, step after step."""

from random import Random

from traffic.action import Action
from traffic.people import Person
from traffic.visitor import Visitor

Pause = tuple[float, float]
"""Shortest and longest pause before a step, in seconds."""

_READING: Pause = (4, 25)
_TYPING: Pause = (6, 20)
_AT_ONCE: Pause = (0.3, 1.5)


class Visit:
    """Collects actions; each step comes a drawn pause after the one before."""

    def __init__(self, visitor: Visitor, start: float, dice: Random) -> None:
        self.visitor = visitor
        self.now = start
        self.actions: list[Action] = []
        self._dice = dice

    def get(self, path: str, pause: Pause = _READING) -> None:
        self._wait(pause)
        self.actions.append(Action(self.now, self.visitor.key, "get", path))

    def request(self, method: str, path: str, pause: Pause = _READING) -> None:
        """A request as no page of the site makes it, without a body."""
        self._wait(pause)
        self.actions.append(Action(self.now, self.visitor.key, "request", path, method=method))

    def try_password(
        self, username: str, password: str, pause: Pause = _TYPING, *, solves: bool = False
    ) -> None:
        """A sign-in; with `solves`, in a browser that does the work that its form may ask for."""
        self._wait(pause)
        self.actions.append(
            Action(
                self.now,
                self.visitor.key,
                "login",
                "/login",
                username,
                password,
                "POST",
                solves=solves,
            )
        )

    def sign_in(self, person: Person, slips: int = 0) -> None:
        """The right password after `slips` mistyped ones, and the page that follows."""
        for _ in range(slips):
            self.try_password(person.username, person.mistyped(self._dice), solves=True)
        self.try_password(person.username, person.password, solves=True)
        self.get("/account", _AT_ONCE)

    def fail(self, person: Person, tries: int) -> None:
        """Passwords that its owner wrongly remembers."""
        for _ in range(tries):
            self.try_password(
                person.username, person.misremembered(self._dice), (10, 45), solves=True
            )

    def browse(self, pages: int, pause: Pause = _READING) -> None:
        for _ in range(pages):
            self.get(self._dice.choice(("/", "/account", "/account")), pause)

    def log_out(self) -> None:
        self._wait(_READING)
        self.actions.append(Action(self.now, self.visitor.key, "logout", "/logout", method="POST"))
        self.get("/", _AT_ONCE)

    def _wait(self, pause: Pause) -> None:
        self.now = round(self.now + self._dice.uniform(*pause), 3)
