"""SecretVault: a key vault for the app's secrets, which its identity may read and nobody else."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import authorization, keyvault, monitor

from components import naming
from components.limits.vault import SOFT_DELETE_DAYS
from components.unique_suffix import unique_suffix
from components.vault_reference import SECRETS_USER, role_definition_id


class SecretVaultArgs(TypedDict):
    """Inputs of SecretVault."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the vault."""
    location: pulumi.Input[str]
    """Required. Azure region of the vault."""
    tenant_id: pulumi.Input[str]
    """Conditional. Entra tenant of the app's identity; required with entra, both, or a vault."""
    identity_principal_id: pulumi.Input[str]
    """Conditional. Object id of the app's identity; required with entra, both, or a vault."""
    purge_protection: NotRequired[bool]
    """Optional. Nobody can purge a deleted vault early; cannot be undone; false by default."""
    soft_delete_days: NotRequired[int]
    """Optional. Days that a deleted vault can be had back, 7 to 90; 90 by default."""
    workspace_id: NotRequired[pulumi.Input[str]]
    """Optional. Log Analytics workspace that learns who read which secret; none by default."""
    allowed_addresses: NotRequired[list[str]]
    """Optional. IPv4 addresses and ranges from which the vault is reached, beside Azure's trusted
    services; from everywhere by default. Secrets are written through Azure Resource Manager, which
    passes, and App Service reads only by a network of its own."""
    protect_data: NotRequired[bool]
    """Optional. Refuse to delete what keeps data; false by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class SecretVault(pulumi.ComponentResource):
    """Key vault under role-based access, and the one role that the app needs there.

    Whoever deploys it needs the right to assign roles (Owner, User Access Administrator). Secrets
    are written through Azure Resource Manager, which takes no right on their values.
    """

    vault_id: pulumi.Output[str]
    """Azure id of the vault."""
    vault_name: pulumi.Output[str]
    """Name of the vault, once the app's identity may read there."""

    def __init__(
        self, name: str, args: SecretVaultArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:SecretVault", name, {}, opts)
        days = int(args.get("soft_delete_days", 90))
        if days not in SOFT_DELETE_DAYS:
            problem = f"{days} is out of range; expected 7 to 90"
            raise pulumi.InputPropertyError("soft_delete_days", problem)
        child = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        # A new suffix for a new stack: the old vault keeps its name while it can be had back.
        suffix = unique_suffix(name, args, child)
        vault = keyvault.Vault(
            f"{name}-vault",
            vault_name=suffix.apply(
                lambda digits: naming.unique_name(name, digits, naming.VAULT_LIMIT)
            ),
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=args["tenant_id"],
                sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=days,
                # Azure takes no false here.
                enable_purge_protection=True if args.get("purge_protection") else None,
                network_acls=_network_rules(args.get("allowed_addresses")),
            ),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions.merge(
                child,
                pulumi.ResourceOptions(protect=True if args.get("protect_data") else None),
            ),
        )
        role = authorization.RoleAssignment(
            f"{name}-reader",
            scope=vault.id,
            role_definition_id=vault.id.apply(lambda id_: role_definition_id(id_, SECRETS_USER)),
            principal_id=args["identity_principal_id"],
            # Said, so that Azure does not look for an identity that is too new to be found.
            principal_type="ServicePrincipal",
            opts=child,
        )
        if (workspace_id := args.get("workspace_id")) is not None:
            monitor.DiagnosticSetting(
                f"{name}-audit",
                resource_uri=vault.id,
                workspace_id=workspace_id,
                logs=[monitor.DiagnosticsLogSettingsArgs(category="AuditEvent", enabled=True)],
                opts=child,
            )
        self.vault_id = vault.id
        self.vault_name = pulumi.Output.all(vault.name, role.id).apply(lambda known: str(known[0]))
        self.register_outputs({"vault_id": self.vault_id, "vault_name": self.vault_name})


def _network_rules(allowed: list[str] | None) -> keyvault.NetworkRuleSetArgs | None:
    if not allowed:
        return None
    return keyvault.NetworkRuleSetArgs(
        bypass=keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
        default_action=keyvault.NetworkRuleAction.DENY,
        ip_rules=[keyvault.IPRuleArgs(value=each) for each in allowed],
    )
