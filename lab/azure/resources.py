"""Microsoft.Resources: resource groups."""

from typing import Any, ClassVar, Final

from lab.azure.core.arm import Resource, ResourceType
from lab.azure.core.problem import ABSENT, Problem


class ResourceGroup(ResourceType):
    """What every other resource lies in; its location is theirs where they name none."""

    token: ClassVar[str] = "azure-native:resources:ResourceGroup"  # noqa: S105

    def check(self, inputs: dict[str, Any]) -> list[Problem]:
        if inputs.get("location") or self.azure.default_location:
            return []
        expectation = "give one, or set azure-native:location"
        return [Problem("location", ABSENT, expectation, "is missing")]

    def create(self, resource: Resource) -> None:
        resource.outputs.setdefault("location", self.azure.default_location)
        resource.outputs["properties"] = {"provisioningState": "Succeeded"}


TYPES: Final[list[type[ResourceType]]] = [ResourceGroup]
