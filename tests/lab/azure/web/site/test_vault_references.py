"""References to secrets, resolved as the site's identity may; what the app gets if it may not."""

from pathlib import Path
from typing import Any

import pytest

from components.vault_reference import SECRETS_USER, role_definition_id, vault_reference
from lab.azure.core.resource import Resource
from lab.azure.identity.authorization import TENANT_ID
from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.site.site import SiteError
from lab.azure.web.site.vault_references import resolved
from tests.support.demo_site import RecordingAzure, settings, start

URI = "https://login-vault.vault.azure.net/secrets/key"
REFERENCE = vault_reference(URI)


@pytest.fixture
def identity(azure: RecordingAzure) -> Resource:
    """An identity, and a vault with one secret that it has no right to yet."""
    azure.resources.create(
        "azure-native:resources:ResourceGroup",
        "group",
        {"resourceGroupName": "lab", "location": "westeurope"},
    )
    properties: dict[str, Any] = {
        "tenantId": TENANT_ID,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    inside = {"resourceGroupName": "lab", "vaultName": "login-vault"}
    azure.resources.create(
        "azure-native:keyvault:Vault", "vault", {**inside, "properties": properties}
    )
    azure.resources.create(
        "azure-native:keyvault:Secret",
        "key",
        {**inside, "secretName": "key", "properties": {"value": "geheim"}},
    )
    token = "azure-native:managedidentity:UserAssignedIdentity"
    return azure.resources.create(token, "who", {"resourceGroupName": "lab"})


def give_role(azure: RecordingAzure, identity: Resource) -> Resource:
    vault = azure.resources.list("azure-native:keyvault:Vault")[0]
    return azure.resources.create(
        "azure-native:authorization:RoleAssignment",
        "role",
        {
            "scope": vault.id,
            "principalId": identity.outputs["principalId"],
            "roleDefinitionId": role_definition_id(vault.id, SECRETS_USER),
        },
    )


def of(identity: Resource, text: str = REFERENCE, **changes: Any) -> Any:
    who = {"identities": (identity.id.lower(),), "key_vault_identity": identity.id}
    return settings(app_settings={"KEY": text, "COLOUR": "green"}, **(who | changes))


@pytest.mark.parametrize(
    "text",
    [
        REFERENCE,
        f"@Microsoft.KeyVault(SecretUri={URI})",
        f"@Microsoft.KeyVault(SecretUri={URI}/)",
        "@microsoft.keyvault(secretname=key; vaultname=LOGIN-VAULT)",
    ],
)
def test_whoever_may_read_gets_the_value(
    azure: RecordingAzure, identity: Resource, text: str
) -> None:
    give_role(azure, identity)
    assert resolved(azure, of(identity, text)) == ({"KEY": "geheim", "COLOUR": "green"}, {})


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        (REFERENCE, {}, "AccessToKeyVaultDenied"),
        (vault_reference(URI.replace("login", "other")), {}, "VaultNotFound"),
        (REFERENCE, {"key_vault_identity": ""}, "MSINotEnabled"),
        (REFERENCE, {"identities": ()}, "MSINotEnabled"),
        ("@Microsoft.KeyVault(VaultName=login-vault)", {}, "InvalidSyntax"),
        ("@Microsoft.KeyVault(SecretUri=https://example.com/key)", {}, "InvalidSyntax"),
    ],
)
def test_whoever_may_not_gets_the_reference_itself(
    azure: RecordingAzure, identity: Resource, text: str, changes: dict[str, Any], reason: str
) -> None:
    variables, reasons = resolved(azure, of(identity, text, **changes))
    assert variables["KEY"] == text
    assert reasons == {"KEY": reason}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (vault_reference(URI.replace("/key", "/other")), "SecretNotFound"),
        (f"@Microsoft.KeyVault(SecretUri={URI}/0123456789abcdef)", "SecretVersionNotFound"),
    ],
)
def test_a_secret_that_is_not_there_is_told(
    azure: RecordingAzure, identity: Resource, text: str, reason: str
) -> None:
    give_role(azure, identity)
    assert resolved(azure, of(identity, text))[1] == {"KEY": reason}


def test_another_value_is_another_version_and_the_old_one_stays(
    azure: RecordingAzure, identity: Resource
) -> None:
    """So a reference with the version changes with the value, and nothing else makes it change."""
    give_role(azure, identity)
    (secret,) = azure.resources.list("azure-native:keyvault:Secret")
    old = secret.outputs["properties"]["secretUriWithVersion"]
    azure.resources.update(secret.id, {**secret.inputs, "properties": {"value": "neu"}})
    new = secret.outputs["properties"]["secretUriWithVersion"]
    assert old != new
    values = {
        uri: resolved(azure, of(identity, vault_reference(uri)))[0]["KEY"]
        for uri in (old, new, URI)
    }
    assert values == {old: "geheim", new: "neu", URI: "neu"}


def test_the_app_really_gets_it_and_loses_it_with_the_role(
    azure: RecordingAzure, service: AppService, identity: Resource, tmp_path: Path
) -> None:
    role = give_role(azure, identity)
    hosted: Hosted = service.add(of(identity))
    code = "import os, sys\nsys.exit(os.environ['KEY'])\n"
    with pytest.raises(SiteError, match="it said last:\n  geheim"):
        start(hosted, tmp_path, code)
    azure.resources.delete(role.id)
    with pytest.raises(SiteError, match=r"not resolved: KEY \(AccessToKeyVaultDenied\)") as told:
        start(hosted, tmp_path, code)
    assert f"  {REFERENCE}" in str(told.value)
    hosted.site.drain()
    messages = [row["Message"] for row in azure.table("AppServicePlatformLogs")]
    assert "Key Vault reference KEY is not resolved: AccessToKeyVaultDenied." in messages
