"""Entra tokens for Kudu, from whoever Pulumi's Azure provider signs in as. Pure of pulumi.

Who that is follows the provider's own order (pulumi-azure-native, auth_azidentity.go): the first
way that is configured is taken, and its failure is told instead of trying the next one.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import requests
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import AzureError
from azure.identity import (
    AzureCliCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
)

from components.limits.refusal import FailedError

# App Service's own audience: tokens for Azure Resource Manager are on their way out for Kudu
# (microsoft/vscode-azuretools #2258, 2026), but a tenant may not know the new one yet.
SCOPES: Final = (
    "https://appservice.azure.com/.default",
    "https://management.azure.com/.default",
)
MANAGEMENT_SCOPES: Final = SCOPES[1:]
EXCHANGE: Final = "api://AzureADTokenExchange"
"""The audience of what is exchanged for an Entra token ("Workload identity federation")."""

_RENEW_SECONDS = 300
_TIMEOUT_S = 30
_EXPIRED = "AADSTS700024"
"""Entra's word for an assertion that is too old; GitHub's live five minutes."""


class EntraToken:
    """A callable that returns a valid token and asks for a new one only when it must."""

    def __init__(self, credential: TokenCredential, scopes: Sequence[str] = SCOPES) -> None:
        self._credential = credential
        self._held: AccessToken | None = None
        self._scopes = list(scopes)

    def __call__(self) -> str:
        """The token; FailedError when there is none to be had."""
        if self._held is None or self._held.expires_on - time.time() < _RENEW_SECONDS:
            self._held = self._asked()
        return self._held.token

    def other_audience(self) -> bool:
        """Ask for the other audience from now on, because Kudu refuses this one; once."""
        if len(self._scopes) < len(SCOPES) or self._held is None:
            return False
        self._scopes = self._scopes[1:]
        self._held = None
        return True

    def _asked(self) -> AccessToken:
        failures: list[str] = []
        for scope in list(self._scopes):
            try:
                token = self._credential.get_token(scope)
            except (AzureError, FailedError) as error:
                failures.append(str(error).strip().splitlines()[0])
            else:
                self._scopes = self._scopes[self._scopes.index(scope) :]
                return token
        raise FailedError.of(f"no Entra token can be had ({failures[0]})", _way_out(failures[0]))


def credential(environ: Mapping[str, str] = os.environ) -> TokenCredential:
    """The identity that Pulumi's Azure provider uses; FailedError where a part of it is missing."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # its warnings repeat our message
    tenant, client = environ.get("ARM_TENANT_ID"), environ.get("ARM_CLIENT_ID")
    if _is_on(environ, "ARM_USE_DEFAULT_AZURE_CREDENTIAL"):
        return DefaultAzureCredential()
    if certificate := environ.get("ARM_CLIENT_CERTIFICATE_PATH"):
        who = _principal(environ, "ARM_CLIENT_CERTIFICATE_PATH")
        return _certificate(who, certificate, environ.get("ARM_CLIENT_CERTIFICATE_PASSWORD"))
    if secret := environ.get("ARM_CLIENT_SECRET"):
        return ClientSecretCredential(*_principal(environ, "ARM_CLIENT_SECRET"), secret)
    if _is_on(environ, "ARM_USE_OIDC"):
        return ClientAssertionCredential(*_principal(environ, "ARM_USE_OIDC"), _assertion(environ))
    if _is_on(environ, "ARM_USE_MSI"):
        return ManagedIdentityCredential(client_id=client)
    # The time that the CLI needs on a machine that does other things, too.
    return AzureCliCredential(tenant_id=tenant or "", process_timeout=_TIMEOUT_S)


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() == "true"


def _principal(environ: Mapping[str, str], reason: str) -> tuple[str, str]:
    """Tenant and client."""
    names = ("ARM_TENANT_ID", "ARM_CLIENT_ID")
    if missing := [name for name in names if not environ.get(name)]:
        raise FailedError.of(f"{' and '.join(missing)} not set", f"expected with {reason}")
    return environ["ARM_TENANT_ID"], environ["ARM_CLIENT_ID"]


def _certificate(who: tuple[str, str], path: str, password: str | None) -> TokenCredential:
    try:
        return CertificateCredential(*who, path, password=password)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise FailedError.of(
            f"ARM_CLIENT_CERTIFICATE_PATH {path} cannot be used ({reason})",
            "expected a PEM or PKCS12 file with the private key",
        ) from None


def _assertion(environ: Mapping[str, str]) -> Callable[[], str]:
    """What proves who a workload is: a text, a file, or something new for each question."""
    if token := environ.get("ARM_OIDC_TOKEN"):
        return lambda: token
    if path := environ.get("ARM_OIDC_TOKEN_FILE_PATH"):
        # Read each time: whoever writes it (a cluster, a runner) renews it.
        return lambda: _read(path)
    url = environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
    bearer = environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if url and bearer:
        audience = environ.get("ARM_OIDC_AUDIENCE") or EXCHANGE
        return lambda: _requested(url, bearer, audience)
    raise FailedError.of(
        "ARM_USE_OIDC is set, and nothing to prove who we are",
        "expected ARM_OIDC_TOKEN, ARM_OIDC_TOKEN_FILE_PATH, or in a GitHub workflow `permissions:"
        " id-token: write`",
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        what = f"ARM_OIDC_TOKEN_FILE_PATH {path} cannot be read"
        raise FailedError.of(what, "expected a file with a token") from None


def _requested(url: str, bearer: str, audience: str) -> str:
    """A fresh assertion from GitHub: each lives five minutes, a database takes ten to make."""
    try:
        answer = requests.get(
            url,
            params={"audience": audience},
            headers={"Authorization": f"Bearer {bearer}", "Accept": "application/json"},
            timeout=_TIMEOUT_S,
        )
        answer.raise_for_status()
        return str(answer.json()["value"])
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        told = getattr(getattr(error, "response", None), "status_code", type(error).__name__)
        raise FailedError.of(f"GitHub gives no OpenID Connect token ({told})") from None


def _way_out(failure: str) -> str:
    if _EXPIRED in failure:
        return (
            "expected a new assertion: one that is given once (ARM_OIDC_TOKEN) is too old by now;"
            " a workflow with `permissions: id-token: write` gets a new one each time"
        )
    return (
        "expected `az login`, or what Pulumi's Azure provider takes: ARM_USE_OIDC, ARM_USE_MSI, a"
        " certificate or a secret, with ARM_CLIENT_ID and ARM_TENANT_ID"
    )
