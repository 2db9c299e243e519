"""How an app setting points to a secret in a vault. Pure: no pulumi, no I/O."""

# Reads the values of secrets, and nothing else ("Azure built-in roles for Security").
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


def vault_reference(secret_uri_with_version: str) -> str:
    """One version of a secret: another value is another setting, which App Service takes at once.

    Of a reference without a version it looks for a new value once in 24 hours ("Use Key Vault
    references as app settings"), in which a user who was taken out still signs in.
    """
    return f"@Microsoft.KeyVault(SecretUri={secret_uri_with_version})"


def role_definition_id(resource_id: str, role: str) -> str:
    """Id of a built-in role in the subscription that a resource is in."""
    subscription = resource_id.split("/")[2]
    definitions = "providers/Microsoft.Authorization/roleDefinitions"
    return f"/subscriptions/{subscription}/{definitions}/{role}"
