"""What is wrong with a resource, in words for the person who wrote it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class _Absent(Enum):
    VALUE = "absent"


ABSENT: Final = _Absent.VALUE
"""The value of a problem whose property was not given at all."""

SHOWN_CHARACTERS: Final = 80


@dataclass(frozen=True)
class Problem:
    """One refusal: `property` is a camelCase path such as `criteria.allOf[0].operator`."""

    property: str
    value: Any
    expectation: str
    problem: str = "is not accepted"

    def sentence(self, *, secret: bool = False) -> str:
        """`<property> <value> <problem>; <expectation>`; a secret's value is not shown."""
        words = [self.property]
        if self.value is not ABSENT:
            words.append("[secret]" if secret else _shown(self.value))
        words.append(self.problem)
        text = " ".join(word for word in words if word)
        return f"{text}; {self.expectation}" if self.expectation else text


class ResourceError(Exception):
    """A resource that Azure would refuse, with every reason."""

    def __init__(
        self,
        token: str,
        logical_name: str,
        problems: Iterable[Problem],
        secrets: Iterable[str] = (),
    ) -> None:
        self.token = token
        self.logical_name = logical_name
        self.problems = list(problems)
        self._secrets = frozenset(secrets)
        super().__init__("\n".join(self.sentences()))

    def sentences(self) -> list[str]:
        """One line a problem: `<module>:<Type> <logical name>: <problem>`."""
        short = short_token(self.token) if self.token else ""
        who = f"{short} {self.logical_name}".strip()
        return [
            f"{who}: {sentence}" if who else sentence
            for sentence in (
                problem.sentence(secret=self._is_secret(problem.property))
                for problem in self.problems
            )
        ]

    def _is_secret(self, path: str) -> bool:
        return path.replace("[", ".").split(".")[0] in self._secrets


def plain_token(token: str) -> str:
    """The token without its API version: `azure-native:web/v20240401:WebApp` is `…:web:WebApp`."""
    package, module, name = token.split(":")
    return f"{package}:{module.split('/')[0]}:{name}"


def short_token(token: str) -> str:
    """The token as people say it: `monitor:ScheduledQueryRule`, `random:RandomString`."""
    package, module, name = plain_token(token).split(":")
    return f"{module if package == 'azure-native' else package}:{name}"


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
