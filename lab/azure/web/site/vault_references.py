"""App settings that refer to secrets, resolved as the site's identity would be allowed to."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.web.site.site_settings import SiteSettings

_REFERENCE: Final = re.compile(r"\s*@Microsoft\.KeyVault\((?P<what>.*)\)\s*", re.IGNORECASE)
_URI: Final = re.compile(
    r"https://(?P<vault>[a-z0-9-]+)\.vault\.azure\.net/secrets/(?P<secret>[A-Za-z0-9-]+)"
    r"(/(?P<version>[0-9a-f]*))?/?",
    re.IGNORECASE,
)
SYSTEM: Final = "SystemAssigned"


class _Target(NamedTuple):
    vault: str
    secret: str
    version: str


def is_reference(value: str) -> bool:
    return _REFERENCE.fullmatch(value) is not None


def resolved(azure: Subscription, settings: SiteSettings) -> tuple[dict[str, str], dict[str, str]]:
    """The app's variables, and why a reference in them stayed as it is, by the variable's name.

    The reasons are Azure's own words (`ApiKVReference.status` of Microsoft.Web).
    """
    variables, reasons = dict(settings.app_settings), {}
    for name, value in settings.app_settings.items():
        if is_reference(value):
            found, reason = _value(azure, settings, value)
            if found is None:
                reasons[name] = reason
            else:
                variables[name] = found
    return variables, reasons


def _value(azure: Subscription, settings: SiteSettings, text: str) -> tuple[str | None, str]:
    # Azure imports this package before its own modules are complete.
    from lab.azure.identity import keyvault

    target = _target(text)
    if target is None:
        return None, "InvalidSyntax"
    principal = _principal(azure, settings)
    if not principal:
        return None, "MSINotEnabled"
    vault = keyvault.find_vault(azure, target.vault)
    if vault is None:
        return None, "VaultNotFound"
    if not keyvault.may_read(azure, vault, principal):
        return None, "AccessToKeyVaultDenied"
    secret = keyvault.find_secret(azure, vault, target.secret)
    if secret is None:
        return None, "SecretNotFound"
    value = keyvault.value_of(azure, secret, target.version)
    return value, "SecretVersionNotFound" if value is None else "Resolved"


def _target(text: str) -> _Target | None:
    """Either `SecretUri=…`, or `VaultName=…;SecretName=…` with an optional version."""
    match = _REFERENCE.fullmatch(text)
    parts: Mapping[str, str] = {
        key.strip().lower(): value.strip()
        for key, _, value in (
            each.partition("=") for each in (match["what"] if match else "").split(";")
        )
    }
    if "secreturi" in parts:
        uri = _URI.fullmatch(parts["secreturi"])
        return _Target(uri["vault"], uri["secret"], uri["version"] or "") if uri else None
    if parts.get("vaultname") and parts.get("secretname"):
        return _Target(parts["vaultname"], parts["secretname"], parts.get("secretversion", ""))
    return None


def _principal(azure: Subscription, settings: SiteSettings) -> str:
    """Object id of the identity that reads: the site's own, unless another one is named."""
    if settings.key_vault_identity in ("", SYSTEM):
        return settings.system_principal
    if settings.key_vault_identity.lower() not in settings.identities:
        return ""
    found: Resource | None = azure.resources.find(settings.key_vault_identity)
    return str(found.outputs.get("principalId", "")) if found is not None else ""
