"""A resource, and what a type of resource is and does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from components.limits import log_category
from components.limits.refusal import Refusal
from lab.azure.core.billing import Billing
from lab.azure.core.name_rule import ANY_NAME, NameRule
from lab.azure.core.resource_id import ArmPath
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
    """One type of resource: its facts as class attributes, and its behaviour.

    There is one instance for each subscription.
    """

    pulumi_type: ClassVar[str]
    """Pulumi's type token without an API version: `azure-native:web:WebApp`."""
    path: ClassVar[ArmPath | None] = None
    """As in the ARM type files (Azure/bicep-types-az); none of what is no resource of Azure."""
    name_rule: ClassVar[NameRule] = ANY_NAME
    locations: ClassVar[tuple[str, ...]] = ()
    """Where it may lie; empty for a regional type."""
    allowed_values: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Where Azure and the SDK's enum differ, Azure's values by place (`sku.name`, no numbers)."""
    replace_on: ClassVar[tuple[str, ...]] = ()
    """Inputs that cannot change, beside the parts of the id and the location."""
    has_world_name: ClassVar[bool] = False
    """Whether its name is a host name, which nobody else in the world can have."""
    private_link: ClassVar[tuple[str, ...]] = ()
    """Group ids of a private endpoint to it ("Private-link resource"); empty for none."""
    billing: ClassVar[Billing]
    is_modelled: ClassVar[bool] = True
    """Whether it behaves here as it does in Azure, as far as its docstring says."""

    def __init__(self, azure: Subscription) -> None:
        self.azure = azure

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Azure's limits beyond the SDK's types; the inputs have the right types already."""
        return []

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """Why it cannot be beside the others, or become what it shall be; asked before each write.

        `resource` has its name and its new inputs, and may or may not be among the others;
        `before` are the inputs that it had, None for a new one.
        """
        return []

    def log_categories(self, resource: Resource) -> tuple[str, ...] | None:
        """What a diagnostic setting of it may name; None where it can have no such setting."""
        return log_category.categories(self.path.type) if self.path is not None else None

    def holds(self, resource: Resource) -> list[Refusal]:
        """Why it cannot be deleted just now; asked before it is."""
        return []

    def no_private_link(self, resource: Resource) -> str:
        """Why a private endpoint cannot lead to this one; '' where it can."""
        return ""

    def create(self, resource: Resource) -> None:
        """Starts what the resource does, and adds to `resource.outputs`."""

    def update(self, resource: Resource) -> None:
        """The resource's inputs have changed; by default it is ended and started."""
        self.delete(resource)
        self.create(resource)

    def delete(self, resource: Resource) -> None:
        """Ends what the resource does."""


class RecordedType(ResourceType):
    """A type whose facts are known and whose behaviour is not modelled: it is only kept."""

    is_modelled = False
