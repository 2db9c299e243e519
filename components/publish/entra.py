"""Entra tokens for Kudu, from whoever is signed in. Pure of pulumi."""

import logging
import os
import time
from collections.abc import Mapping

from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import AzureError
from azure.identity import ClientAssertionCredential, ClientSecretCredential, DefaultAzureCredential

# App Service's own audience: tokens for Azure Resource Manager are on their way out for Kudu
# (microsoft/vscode-azuretools #2258, 2026), but a tenant may not know the new one yet.
SCOPES = ("https://appservice.azure.com/.default", "https://management.azure.com/.default")
_RENEW_SECONDS = 300


class SignInError(Exception):
    """Nobody is signed in; the message says how to."""


class EntraToken:
    """A callable that returns a valid token and asks for a new one only when it must."""

    def __init__(self, credential: TokenCredential) -> None:
        self._credential = credential
        self._held: AccessToken | None = None

    def __call__(self) -> str:
        """The token; SignInError when there is none to be had."""
        if self._held is None or self._held.expires_on - time.time() < _RENEW_SECONDS:
            self._held = self._asked()
        return self._held.token

    def _asked(self) -> AccessToken:
        failures: list[str] = []
        for scope in SCOPES:
            try:
                return self._credential.get_token(scope)
            except AzureError as error:
                failures.append(str(error).strip().splitlines()[0])
        raise SignInError(
            f"no Entra token can be had ({failures[0]}); expected `az login`, or a service"
            " principal in ARM_CLIENT_ID, ARM_TENANT_ID and ARM_CLIENT_SECRET"
        )


def credential(environ: Mapping[str, str] = os.environ) -> TokenCredential:
    """The identity that Pulumi's Azure provider uses (ARM_*); else what azure-identity finds."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # its warnings repeat our message
    tenant, client = environ.get("ARM_TENANT_ID"), environ.get("ARM_CLIENT_ID")
    if tenant and client and "IDENTITY_ENDPOINT" not in environ:
        if secret := environ.get("ARM_CLIENT_SECRET"):
            return ClientSecretCredential(tenant, client, secret)
        if assertion := environ.get("ARM_OIDC_TOKEN"):
            return ClientAssertionCredential(tenant, client, lambda: assertion)
    return DefaultAzureCredential()
