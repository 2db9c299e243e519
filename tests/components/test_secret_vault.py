"""SecretVault and how an app setting points to it."""

from typing import Any, cast

import pulumi
import pulumi_random
import pytest

from components import SecretVault
from components.secret_vault import SecretVaultArgs
from components.vault_reference import SECRETS_USER, role_definition_id, vault_reference
from tests.conftest import Engine

VAULT = "azure-native:keyvault:Vault"
ROLE = "azure-native:authorization:RoleAssignment"


def vault(**changes: Any) -> SecretVault:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "tenant_id": "tenant",
        "identity_principal_id": "principal",
    } | changes
    return SecretVault("login-monitor-secrets", cast(SecretVaultArgs, args))


def test_roles_decide_and_a_deleted_vault_can_be_had_back(engine: Engine) -> None:
    made = engine.deploy(vault).one(VAULT)
    properties = made["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert properties["enableSoftDelete"] is True
    assert properties["softDeleteRetentionInDays"] == 90
    assert properties["sku"] == {"family": "A", "name": "standard"}
    assert "enablePurgeProtection" not in properties, "Azure takes no false"
    assert "accessPolicies" not in properties


def test_purge_protection_can_be_asked_for(engine: Engine) -> None:
    made = engine.deploy(lambda: vault(purge_protection=True, soft_delete_days=7)).one(VAULT)
    assert made["properties"]["enablePurgeProtection"] is True
    assert made["properties"]["softDeleteRetentionInDays"] == 7


def test_who_reads_a_secret_is_written_down(engine: Engine) -> None:
    engine.deploy(lambda: vault(workspace_id="workspace"))
    setting = engine.one("azure-native:monitor:DiagnosticSetting")
    assert [each["category"] for each in setting["logs"]] == ["AuditEvent"]
    assert setting["workspaceId"] == "workspace"


def test_the_vault_can_be_closed_to_all_but_some_addresses(engine: Engine) -> None:
    made = engine.deploy(lambda: vault(allowed_addresses=["198.51.100.0/24"])).one(VAULT)
    assert made["properties"]["networkAcls"] == {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
        "ipRules": [{"value": "198.51.100.0/24"}],
    }
    open_one = Engine("dev").deploy(vault).one(VAULT)
    assert "networkAcls" not in open_one["properties"]


def test_what_protects_the_data_protects_the_vault(engine: Engine) -> None:
    assert engine.deploy(lambda: vault(protect_data=True)).one(VAULT).protect
    options = pulumi.ResourceOptions(protect=True)
    args: SecretVaultArgs = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "tenant_id": "tenant",
        "identity_principal_id": "principal",
    }
    assert Engine("dev").deploy(lambda: SecretVault("v", args, options)).one(VAULT).protect


def test_the_name_is_unique_and_short_enough(engine: Engine) -> None:
    name = engine.deploy(vault).one(VAULT)["vaultName"]
    assert name == "login-monitor-sec-3fa2c1"
    assert len(name) <= 24


def test_the_apps_identity_reads_secrets_of_this_vault_and_no_more(engine: Engine) -> None:
    role = engine.deploy(vault).one(ROLE)
    scope = role["scope"]
    assert scope.endswith("/Vault/login-monitor-secrets-vault")
    assert role["roleDefinitionId"] == role_definition_id(scope, SECRETS_USER)
    assert role["principalId"] == "principal"
    assert role["principalType"] == "ServicePrincipal", "else a new identity may not be found"


def test_whoever_uses_the_name_waits_for_the_role(engine: Engine) -> None:
    def program() -> None:
        pulumi_random.RandomId("user", byte_length=1, keepers={"name": vault().vault_name})

    engine.deploy(program)
    user = next(each for each in engine.registered if each.name == "user")
    assert "login-monitor-secrets-reader" in user.dependencies


def test_days_that_azure_does_not_take_are_refused(engine: Engine) -> None:
    with pytest.raises(pulumi.InputPropertyError, match="6 is out of range; expected 7 to 90"):
        engine.deploy(lambda: vault(soft_delete_days=6))


def test_tags_reach_the_vault(engine: Engine) -> None:
    assert engine.deploy(lambda: vault(tags={"team": "soc"})).one(VAULT)["tags"] == {"team": "soc"}


def test_a_reference_names_the_version() -> None:
    """Another value is another setting then, which App Service takes at once."""
    uri = "https://login.vault.azure.net/secrets/secret-key/0123"
    assert vault_reference(uri) == f"@Microsoft.KeyVault(SecretUri={uri})"


def test_a_role_is_named_in_the_subscription_of_what_it_is_for() -> None:
    group = "/subscriptions/1234/resourceGroups/rg"
    assert role_definition_id(f"{group}/providers/Microsoft.KeyVault/vaults/v", "role") == (
        "/subscriptions/1234/providers/Microsoft.Authorization/roleDefinitions/role"
    )
