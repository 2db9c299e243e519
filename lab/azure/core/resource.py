"""A resource, and what a type of resource does."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from lab.azure.core.problem import Problem
from lab.azure.core.subscription import Subscription


@dataclass
class Resource:
    """A resource that exists; inputs and outputs are camelCase and hold no secret markers."""

    token: str
    logical_name: str
    urn: str
    id: str
    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()
    protect: bool = False
    secret_places: frozenset[tuple[str | int, ...]] = frozenset()
    """Where in the inputs the program's secrets are, by name and number."""
    number: int = 0
    """Tells a resource from the one that it replaces, where both have one id."""


class ResourceType:
    """Behaviour of one type of resource; one instance for each Azure."""

    token: ClassVar[str]
    replace_on: ClassVar[tuple[str, ...]] = ()

    def __init__(self, azure: Subscription) -> None:
        self.azure = azure

    def check(self, inputs: dict[str, Any]) -> list[Problem]:
        """Azure's limits beyond the SDK's types; the inputs have the right types already."""
        return []

    def create(self, resource: Resource) -> None:
        """Starts what the resource does, and adds to `resource.outputs`."""

    def update(self, resource: Resource) -> None:
        """The resource's inputs have changed; by default it is ended and started."""
        self.delete(resource)
        self.create(resource)

    def delete(self, resource: Resource) -> None:
        """Ends what the resource does."""
