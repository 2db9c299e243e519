"""Whom the stack's Azure provider signs in as, where the stack's configuration says it."""

from typing import Final

import pulumi

_SETTINGS: Final = {
    "clientId": "ARM_CLIENT_ID",
    "tenantId": "ARM_TENANT_ID",
    "clientSecret": "ARM_CLIENT_SECRET",
    "clientCertificatePath": "ARM_CLIENT_CERTIFICATE_PATH",
    "clientCertificatePassword": "ARM_CLIENT_CERTIFICATE_PASSWORD",
    "useOidc": "ARM_USE_OIDC",
    "oidcAudience": "ARM_OIDC_AUDIENCE",
    "oidcToken": "ARM_OIDC_TOKEN",
    "oidcTokenFilePath": "ARM_OIDC_TOKEN_FILE_PATH",
    "oidcRequestToken": "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "oidcRequestUrl": "ACTIONS_ID_TOKEN_REQUEST_URL",
    "useMsi": "ARM_USE_MSI",
    "useDefaultAzureCredential": "ARM_USE_DEFAULT_AZURE_CREDENTIAL",
}
"""Settings of azure-native and the variable that stands for each where nothing is configured
(pulumi-azure-native, readAuthConfig)."""

_SHORT_LIVED: Final = ("oidcToken", "oidcRequestToken", "oidcRequestUrl")
"""Other values in every run: kept in the state, they would make every run a change."""


def environment() -> dict[str, pulumi.Input[str]]:
    """What `azure-native:*` of the stack says, as the variables that a command understands.

    A command is started by another provider, which is not told. Secret, whatever it is.
    """
    configured = pulumi.Config("azure-native")
    found: dict[str, pulumi.Input[str]] = {}
    for setting, variable in _SETTINGS.items():
        if setting not in _SHORT_LIVED and (value := configured.get_secret(setting)) is not None:
            found[variable] = value
    return found
