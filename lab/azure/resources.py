"""Microsoft.Resources: resource groups."""

from typing import Any, Final

from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import GroupPath


class ResourceGroup(ResourceType):
    """What every other resource lies in; its location is theirs where they name none."""

    pulumi_type = "azure-native:resources:ResourceGroup"
    path = GroupPath("Microsoft.Resources/resourceGroups", ("resourceGroupName",))
    name_rule = NameRule(1, 90, r"[\w().-]*[\w()-]", "letters, digits and -_.(), no dot at the end")
    billing = Free("holds the rest")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """It lies somewhere."""
        if inputs.get("location") or self.azure.default_location:
            return []
        expectation = "give one, or set azure-native:location"
        return [refused("location", ABSENT, expectation, "is missing")]

    def create(self, resource: Resource) -> None:
        resource.outputs.setdefault("location", self.azure.default_location)
        resource.outputs["properties"] = {"provisioningState": "Succeeded"}


TYPES: Final[list[type[ResourceType]]] = [ResourceGroup]
