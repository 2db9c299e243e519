"""How an app setting points to a secret in a vault. Pure: no pulumi, no I/O."""

# Reads the values of secrets, and nothing else ("Azure built-in roles for Security").
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


def vault_reference(vault: str, secret: str) -> str:
    """Without a version: App Service takes the newest within 24 hours, at a restart at once."""
    return f"@Microsoft.KeyVault(VaultName={vault};SecretName={secret})"


def role_definition_id(resource_id: str, role: str) -> str:
    """Id of a built-in role in the subscription that a resource is in."""
    subscription = resource_id.split("/")[2]
    definitions = "providers/Microsoft.Authorization/roleDefinitions"
    return f"/subscriptions/{subscription}/{definitions}/{role}"
