"""Vaults, secrets, roles: what Azure would refuse, and who may read."""

from typing import Any

import pytest

from components.vault_reference import SECRETS_USER, role_definition_id
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.identity.authorization import TENANT_ID
from lab.azure.identity.keyvault import may_read

OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def vault(azure: Azure, group: Resource, name: str = "login-vault", **changes: Any) -> Resource:
    properties = {
        "tenantId": TENANT_ID,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    inputs = {"resourceGroupName": group.name, "vaultName": name}
    made = {**inputs, "properties": properties | changes}
    return azure.resources.create("azure-native:keyvault:Vault", name, made)


def secret(azure: Azure, group: Resource, name: str, value: str = "geheim") -> Resource:
    inputs = {
        "resourceGroupName": group.name,
        "vaultName": "login-vault",
        "secretName": name,
        "properties": {"value": value},
    }
    return azure.resources.create("azure-native:keyvault:Secret", name, inputs)


def identity(azure: Azure, group: Resource, name: str = "login-identity") -> Resource:
    token = "azure-native:managedidentity:UserAssignedIdentity"
    return azure.resources.create(token, name, {"resourceGroupName": group.name})


def role(azure: Azure, scope: str, principal: str, which: str = SECRETS_USER) -> Resource:
    inputs = {
        "scope": scope,
        "principalId": principal,
        "roleDefinitionId": role_definition_id(scope, which),
        "principalType": "ServicePrincipal",
    }
    name = f"role-{len(azure.resources.list())}"
    return azure.resources.create("azure-native:authorization:RoleAssignment", name, inputs)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"softDeleteRetentionInDays": 6}, "softDeleteRetentionInDays 6 .* 7 to 90"),
        ({"enablePurgeProtection": False}, "Azure takes no false"),
        ({"enableSoftDelete": False}, "cannot be switched off"),
        ({"tenantId": "ours"}, "tenantId 'ours' .* a GUID"),
        ({"enableRbacAuthorization": False}, "accessPolicies .* expected a list"),
    ],
)
def test_a_vault_that_azure_refuses_is_refused(
    azure: Azure, group: Resource, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(ResourceError, match=refusal):
        vault(azure, group, **changes)


@pytest.mark.parametrize("name", ["ab", "a" * 25, "1vault", "two--hyphens", "ends-"])
def test_a_vaults_name_has_rules(azure: Azure, group: Resource, name: str) -> None:
    with pytest.raises(ResourceError, match="vaultName"):
        vault(azure, group, name)


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("SECRET_KEY", "geheim", "secretName 'SECRET_KEY' .* letters, digits and hyphens"),
        ("a" * 128, "geheim", "has 128 characters"),
        ("key", "geheim" * 5000, "properties.value .* expected at most 25000 bytes"),
    ],
)
def test_a_secret_that_azure_refuses_is_refused(
    azure: Azure, group: Resource, name: str, value: str, refusal: str
) -> None:
    vault(azure, group)
    with pytest.raises(ResourceError, match=refusal) as refused:
        secret(azure, group, name, value)
    assert "geheim" not in str(refused.value)


def test_a_secret_needs_its_vault(azure: Azure, group: Resource) -> None:
    with pytest.raises(ResourceError, match="vaultName 'login-vault' is not found"):
        secret(azure, group, "key")


def test_a_value_is_never_given_back(azure: Azure, group: Resource) -> None:
    vault(azure, group)
    outputs = secret(azure, group, "key").outputs
    uri = "https://login-vault.vault.azure.net/secrets/key"
    assert outputs["properties"].keys() == {"secretUri", "secretUriWithVersion"}
    assert outputs["properties"]["secretUri"] == uri
    assert outputs["properties"]["secretUriWithVersion"].startswith(f"{uri}/")


@pytest.mark.parametrize(
    ("which", "reads"), [(SECRETS_USER, True), (OFFICER, True), (OWNER, False), (None, False)]
)
def test_a_role_decides_who_reads(
    azure: Azure, group: Resource, which: str | None, reads: bool
) -> None:
    made, who = vault(azure, group), identity(azure, group).outputs["principalId"]
    other = identity(azure, group, "other-identity").outputs["principalId"]
    if which:
        role(azure, made.id, who, which)
    assert may_read(azure, made, who) is reads
    assert not may_read(azure, made, other)


@pytest.mark.parametrize(("inside", "reads"), [(True, True), (False, False)])
def test_a_role_reaches_what_is_inside_its_scope(
    azure: Azure, group: Resource, inside: bool, reads: bool
) -> None:
    made, who = vault(azure, group), identity(azure, group).outputs["principalId"]
    elsewhere = vault(azure, group, "login-vault-2")
    role(azure, group.id if inside else elsewhere.id, who)
    assert may_read(azure, made, who) is reads


def test_a_role_ends_with_its_assignment(azure: Azure, group: Resource) -> None:
    made, who = vault(azure, group), identity(azure, group).outputs["principalId"]
    given = role(azure, made.id, who)
    assert may_read(azure, made, who)
    azure.resources.delete(given.id)
    assert not may_read(azure, made, who)


def test_without_roles_the_access_policies_decide(azure: Azure, group: Resource) -> None:
    who = identity(azure, group).outputs["principalId"]
    policy = {"objectId": who, "tenantId": TENANT_ID, "permissions": {"secrets": ["get"]}}
    made = vault(azure, group, enableRbacAuthorization=False, accessPolicies=[policy])
    assert may_read(azure, made, who)
    assert not may_read(azure, made, "somebody")


def test_an_assignment_needs_role_identity_and_scope(azure: Azure, group: Resource) -> None:
    made, found = vault(azure, group), identity(azure, group)
    who = found.outputs["principalId"]
    with pytest.raises(ResourceError, match="roleDefinitionId .*RoleDefinitionDoesNotExist"):
        role(azure, made.id, who, "4633458b-17de-408a-874b-0445c86b69e6")
    with pytest.raises(ResourceError, match="not its client id"):
        role(azure, made.id, found.outputs["clientId"])
    with pytest.raises(ResourceError, match="scope .* is not found"):
        role(azure, f"{made.id}-other", who)
    role(azure, made.id, who)
    with pytest.raises(ResourceError, match="RoleAssignmentExists"):
        role(azure, made.id, who)


def test_an_identity_keeps_its_ids(azure: Azure, group: Resource) -> None:
    made = identity(azure, group)
    ids = [made.outputs[key] for key in ("clientId", "principalId")]
    assert len(set(ids)) == 2
    azure.resources.update(made.id, {**made.inputs, "tags": {"team": "soc"}})
    assert [made.outputs[key] for key in ("clientId", "principalId")] == ids
    assert made.outputs["tenantId"] == TENANT_ID
