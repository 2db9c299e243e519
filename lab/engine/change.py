"""What an update did to a resource, in the words of Pulumi's engine."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lab.azure.core.resource_error import plain_token

Op = Literal["create", "update", "replace", "delete"]


@dataclass(frozen=True)
class Change:
    """One resource that did not stay as it was; `properties` are the inputs that differ."""

    op: Op
    urn: str
    properties: tuple[str, ...] = ()

    @property
    def token(self) -> str:
        """Without an API version, as `azure-native:web:WebApp`."""
        return plain_token(self.urn.split("::")[2].rpartition("$")[2])

    @property
    def name(self) -> str:
        """In the program."""
        return self.urn.split("::", 3)[3]

    @property
    def is_random(self) -> bool:
        """Of the program's own random values, which are nothing in Azure."""
        return self.token.startswith("random:")


def replaced(changes: Iterable[Change]) -> list[Change]:
    """Those that made a new resource in place of the old one."""
    return [each for each in changes if each.op == "replace"]
