"""Microsoft.Authorization: who deploys, and which roles identities have."""

import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from components.limits.refusal import Refusal
from lab.azure.core.billing import Free
from lab.azure.core.faults import Faults
from lab.azure.core.name_rule import GUID_NAME
from lab.azure.core.provider_function import ProviderFunction
from lab.azure.core.resource import RecordedType, Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.core.resource_id import SUBSCRIPTION_ID, ArmPath
from lab.azure.core.subscription import Subscription

TENANT_ID: Final = "00000000-0000-0000-0000-000000000001"
CLIENT_ID: Final = "00000000-0000-0000-0000-000000000002"
OBJECT_ID: Final = "00000000-0000-0000-0000-000000000003"


def get_client_config(azure: Subscription, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The same made-up identity in every run."""
    return {
        "clientId": CLIENT_ID,
        "objectId": OBJECT_ID,
        "subscriptionId": SUBSCRIPTION_ID,
        "tenantId": TENANT_ID,
    }


def get_client_token(azure: Subscription, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A token that opens nothing outside of this run."""
    return {"token": azure.resources.digest("client token", str(arguments.get("endpoint", "")))}


PRINCIPAL_TYPES: Final = ("Device", "ForeignGroup", "Group", "ServicePrincipal", "User")


class Role(NamedTuple):
    """A built-in role; `data` are the actions on data that the lab asks about, `*` for any."""

    name: str
    data: tuple[str, ...] = ()


_SECRETS: Final = "microsoft.keyvault/vaults/secrets/*"
# "Azure built-in roles". Management roles give no right on data: an Owner reads no secret.
ROLES: Final[dict[str, Role]] = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": Role("Owner"),
    "b24988ac-6180-42a0-ab88-20f7382dd24c": Role("Contributor"),
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": Role("Reader"),
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": Role("User Access Administrator"),
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": Role("Role Based Access Control Administrator"),
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": Role(
        "Key Vault Administrator", ("microsoft.keyvault/vaults/*",)
    ),
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": Role("Key Vault Secrets Officer", (_SECRETS,)),
    "4633458b-17de-408a-b874-0445c86b69e6": Role(
        "Key Vault Secrets User", ("microsoft.keyvault/vaults/secrets/getsecret/action",)
    ),
    "21090545-7ca7-4776-b22c-e363652d74d2": Role("Key Vault Reader"),
    "73c42c96-874c-492b-b04d-ab87d138a893": Role("Log Analytics Reader"),
    "92aaf0da-9dab-42b6-94a3-d43ce8d16293": Role("Log Analytics Contributor"),
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05": Role("Monitoring Reader"),
    "749f88d5-cbae-40b8-bcfc-e573ddc772fa": Role("Monitoring Contributor"),
    "de139f84-1756-47ae-9be6-808fbbe84772": Role("Website Contributor"),
    "515c2055-d9d4-4321-b1b9-bd0c9a0f79fe": Role("Logic App Operator"),
    "4d97b98b-1d4f-4787-a291-c67834d212e7": Role("Network Contributor"),
}


class RoleDefinition(RecordedType):
    """A role of one's own; what it allows is not looked at."""

    pulumi_type = "azure-native:authorization:RoleDefinition"
    path = ArmPath("Microsoft.Authorization/roleDefinitions", ("roleDefinitionId",), scope="scope")
    name_rule = GUID_NAME
    billing = Free("is free")


class _Given(dict[int, float]):
    """When a role was assigned, in real seconds, by the assignment's number."""

    def __init__(self, _azure: Subscription) -> None:
        super().__init__()


class RoleAssignment(ResourceType):
    """Gives an identity what its role allows on a resource and on all that is inside it."""

    pulumi_type = "azure-native:authorization:RoleAssignment"
    path = ArmPath(
        "Microsoft.Authorization/roleAssignments", ("roleAssignmentName",), scope="scope"
    )
    name_rule = GUID_NAME
    billing = Free("is free")
    replace_on = ("principalId", "roleDefinitionId", "scope")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Azure's own refusals: RoleDefinitionDoesNotExist, PrincipalNotFound, and the like."""
        problems = []
        role = str(inputs["roleDefinitionId"])
        if not self._is_role(role):
            expectation = "expected the id of a role that exists (RoleDefinitionDoesNotExist, 400)"
            problems.append(refused("roleDefinitionId", role, expectation, "is not found"))
        principal = str(inputs["principalId"])
        if principal.lower() not in {each.lower() for each in principals(self.azure)}:
            expectation = "expected an identity's object id, not its client id (PrincipalNotFound)"
            problems.append(refused("principalId", principal, expectation, "is not found"))
        kind = inputs.get("principalType")
        if kind is not None and kind not in PRINCIPAL_TYPES:
            expectation = f"expected one of {', '.join(PRINCIPAL_TYPES)}"
            problems.append(refused("principalType", kind, expectation))
        return problems

    def create(self, resource: Resource) -> None:
        self.azure.service(_Given)[resource.number] = time.monotonic()
        for other in self.azure.resources.list(RoleAssignment.pulumi_type):
            if other is not resource and _what(other.inputs) == _what(resource.inputs):
                expectation = f"{other.logical_name} gives it already (RoleAssignmentExists, 409)"
                problem = refused("principalId", resource.inputs["principalId"], expectation)
                raise ResourceError(self.pulumi_type, resource.logical_name, [problem])

    def _is_role(self, role_id: str) -> bool:
        made = {each.id.lower() for each in self.azure.resources.list(RoleDefinition.pulumi_type)}
        in_place = "/providers/microsoft.authorization/roledefinitions/" in role_id.lower()
        return role_id.lower() in made or (in_place and _role_name(role_id) in ROLES)


def allows(azure: Subscription, principal: str, action: str, resource_id: str) -> bool:
    """Whether a role that was given there, or above, allows an action on data.

    Azure may take ten minutes until a new role counts; here it does at once, unless that is a fault
    of the subscription.
    """
    given, lag = azure.service(_Given), azure.service(Faults).role_lag_s
    for each in azure.resources.list(RoleAssignment.pulumi_type):
        scope = str(each.inputs["scope"]).rstrip("/").lower()
        reaches = f"{resource_id.lower()}/".startswith(f"{scope}/")
        if time.monotonic() - given.get(each.number, 0.0) < lag:
            continue
        if not reaches or str(each.inputs["principalId"]).lower() != principal.lower():
            continue
        role = ROLES.get(_role_name(str(each.inputs["roleDefinitionId"])))
        if role is not None and any(fnmatchcase(action.lower(), one) for one in role.data):
            return True
    return False


def principals(azure: Subscription) -> set[str]:
    """Object ids in this tenant: whoever deploys, and every identity of a resource."""
    found = {OBJECT_ID}
    for resource in azure.resources.list():
        identity: Any = resource.outputs.get("identity")
        system = identity.get("principalId") if isinstance(identity, dict) else None
        own = _own_principal(resource)
        found |= {str(each) for each in (own, system) if each}
    return found


def _own_principal(resource: Resource) -> object:
    """A role assignment names a principal, too, and is none."""
    return (
        None
        if resource.token == RoleAssignment.pulumi_type
        else resource.outputs.get("principalId")
    )


def _role_name(role_id: str) -> str:
    return role_id.rpartition("/")[2].lower()


def _what(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    keys = ("scope", "roleDefinitionId", "principalId")
    return tuple(str(inputs.get(key, "")).lower() for key in keys)


TYPES: Final[list[type[ResourceType]]] = [RoleDefinition, RoleAssignment]

FUNCTIONS: Final[dict[str, ProviderFunction]] = {
    "azure-native:authorization:getClientConfig": get_client_config,
    "azure-native:authorization:getClientToken": get_client_token,
}
