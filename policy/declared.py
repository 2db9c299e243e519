"""A resource as a rule sees it, whoever it comes from: the Pulumi engine or the lab."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

UNKNOWN: Final = "\0unknown"
"""Stands for a value that is not known before it is deployed."""

Place = tuple[str | int, ...]
"""Where a value stands: names of properties, numbers of items."""

PROD: Final = "prod"


@dataclass(frozen=True)
class Declared:
    """One resource; `properties` are camelCase and plain, what is secret is named by `secrets`."""

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any]
    secrets: Collection[Place] = frozenset()
    protected: bool = False
    dependencies: Collection[str] = field(default_factory=tuple)
    """URNs of the resources that its properties come from."""
    id: str = ""
    """Azure id, where it is known."""

    @property
    def is_in_prod(self) -> bool:
        """Whether its stack is `prod`, or one of several, such as `prod-eu`."""
        stack = self.urn.removeprefix("urn:pulumi:").partition("::")[0]
        return stack.partition("-")[0] == PROD

    def value(self, *place: str | int) -> Any:
        """What stands at a place; None where there is nothing, UNKNOWN where that is not known."""
        found: Any = self.properties
        for step in place:
            if found == UNKNOWN:
                return UNKNOWN
            if isinstance(found, Mapping):
                found = found.get(str(step))
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def items(self, *place: str | int) -> Iterator[tuple[int, Any]]:
        """The items of a list at a place, with their numbers; none where there is no list."""
        found = self.value(*place)
        yield from enumerate(found if isinstance(found, list) else ())

    def is_secret(self, *place: str | int) -> bool:
        """Whether a place, or something that holds it, is marked as a secret."""
        return any(place[: len(secret)] == secret for secret in self.secrets)
