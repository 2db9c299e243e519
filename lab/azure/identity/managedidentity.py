"""Microsoft.ManagedIdentity: identities that a stack makes."""

import uuid
from typing import Final

from lab.azure.core.resource import Resource, ResourceType
from lab.azure.identity.authorization import TENANT_ID


class UserAssignedIdentity(ResourceType):
    """An identity of its own; an app that has it gets tokens, and what its roles allow."""

    token = "azure-native:managedidentity:UserAssignedIdentity"  # noqa: S105 - a Pulumi type token

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
