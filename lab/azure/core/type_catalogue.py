"""The types of resource that a subscription knows, by Pulumi's token."""

from collections.abc import Iterable, Mapping
from typing import Any

from components.limits.refusal import Refusal
from lab.azure.core import schema
from lab.azure.core.location import location_problems
from lab.azure.core.name_rule import ANY_NAME, NameRule
from lab.azure.core.resource import ResourceType
from lab.azure.core.resource_error import plain_token
from lab.azure.core.resource_id import ArmPath, guessed_path


class TypeCatalogue:
    """What holds of a type, also of one that nobody knows: its path is guessed from the SDK."""

    def __init__(self, types: Iterable[ResourceType]) -> None:
        self._types = {each.pulumi_type: each for each in types}

    @property
    def modelled(self) -> list[str]:
        """The tokens of the types that behave here as they do in Azure."""
        return sorted(token for token, kind in self._types.items() if kind.is_modelled)

    def kind(self, token: str) -> ResourceType | None:
        return self._types.get(plain_token(token))

    def path(self, token: str) -> ArmPath:
        """Of a type of Azure."""
        kind = self.kind(token)
        known = kind.path if kind is not None else None
        return known or guessed_path(token, schema.properties(token))

    def name_rule(self, token: str) -> NameRule:
        kind = self.kind(token)
        return kind.name_rule if kind is not None else ANY_NAME

    def name_property(self, token: str) -> str:
        """The input that is the resource's own name; '' where the program cannot choose it."""
        if not is_azure(token):
            return ""
        key = self.path(token).name_property
        return "" if key.startswith("=") else key

    def fixed(self, token: str) -> frozenset[str]:
        """Inputs that no resource of this type can change; a new one has to be made."""
        if token.startswith("random:"):
            return schema.properties(token)  # nothing is drawn a second time
        kind = self.kind(token)
        own = kind.replace_on if kind is not None else ()
        if not is_azure(token):
            return frozenset(own)
        path = self.path(token)
        return frozenset([*own, "resourceGroupName", "location", path.scope, *path.names])

    def problems(
        self, token: str, inputs: dict[str, Any], location: str | None = None
    ) -> list[Refusal]:
        """What is wrong with the inputs; `location` is what the provider fills in."""
        kind = self.kind(token)
        values: Mapping[str, tuple[str, ...]] = kind.allowed_values if kind is not None else {}
        problems = schema.check(token, inputs, values)
        if problems:
            return problems  # limits are only meaningful for inputs of the right types
        locations = kind.locations if kind is not None else ()
        own = kind.check(inputs) if kind is not None else []
        return [*location_problems(locations, inputs, location), *own]


def is_azure(token: str) -> bool:
    return token.startswith("azure-native:")
