"""Microsoft.ManagedIdentity: identities that a stack makes."""

import uuid
from typing import Final

from lab.azure.core.billing import Free
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_id import ArmPath
from lab.azure.identity.authorization import TENANT_ID


class UserAssignedIdentity(ResourceType):
    """An identity of its own; an app that has it gets tokens, and what its roles allow."""

    pulumi_type = "azure-native:managedidentity:UserAssignedIdentity"
    path = ArmPath("Microsoft.ManagedIdentity/userAssignedIdentities", ("resourceName",))
    name_rule = NameRule(3, 128, r"[A-Za-z0-9][\w-]*", "letters, digits, hyphens and underscores")
    billing = Free("is free")

    def create(self, resource: Resource) -> None:
        """The ids are made from the resource's id, so that a run can be repeated."""
        resource.outputs |= {
            "clientId": self._guid("client", resource.id),
            "principalId": self._guid("principal", resource.id),
            "tenantId": TENANT_ID,
        }

    def update(self, resource: Resource) -> None:
        """Its ids stay."""

    def _guid(self, *parts: str) -> str:
        return str(uuid.UUID(self.azure.resources.digest(*parts)[:32]))


TYPES: Final[list[type[ResourceType]]] = [UserAssignedIdentity]
