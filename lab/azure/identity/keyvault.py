"""Microsoft.KeyVault: vaults, their secrets, and who may read them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from components.limits.refusal import Refusal
from components.limits.vault import LONGEST_SECRET, SOFT_DELETE_DAYS
from lab.azure.core.billing import Free, Metered
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription
from lab.azure.identity.authorization import allows

READ: Final = "Microsoft.KeyVault/vaults/secrets/getSecret/action"

_GUID: Final = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Vault(ResourceType):
    """Holds secrets for apps that refer to them; roles or access policies decide who reads."""

    pulumi_type = "azure-native:keyvault:Vault"
    path = ArmPath("Microsoft.KeyVault/vaults", ("vaultName",))
    has_world_name = True
    name_rule = NameRule(
        3,
        24,
        r"(?!.*--)[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]",
        "letters, digits and single hyphens",
    )
    private_link = ("vault",)
    billing = Metered(("key_vault_operations",))

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Vaults - Create Or Update" and "Key Vault recovery overview"."""
        properties = inputs.get("properties") or {}
        problems = []
        days = properties.get("softDeleteRetentionInDays")
        if days is not None and days not in SOFT_DELETE_DAYS:
            key = "properties.softDeleteRetentionInDays"
            problems.append(refused(key, days, "expected 7 to 90"))
        if properties.get("enablePurgeProtection") is False:
            expectation = "expected true, or nothing: Azure takes no false"
            problems.append(refused("properties.enablePurgeProtection", False, expectation))
        if properties.get("enableSoftDelete") is False:
            expectation = "expected true: soft delete cannot be switched off any more"
            problems.append(refused("properties.enableSoftDelete", False, expectation))
        tenant = str(properties.get("tenantId", ""))
        if not _GUID.fullmatch(tenant):
            problems.append(refused("properties.tenantId", tenant, "expected a GUID"))
        by_roles = properties.get("enableRbacAuthorization")
        if not by_roles and properties.get("accessPolicies") is None:
            expectation = "expected a list, or enableRbacAuthorization true"
            problems.append(refused("properties.accessPolicies", None, expectation))
        return problems

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """Soft-delete days and purge protection are chosen once, and a deleted vault keeps its name
        ("Azure Key Vault recovery management").
        """
        if before is None and (end := self.azure.service(_Deleted).get(resource.name.lower())):
            expectation = (
                f"expected another name: a deleted vault has it until {end:%Y-%m-%d}, unless it is"
                " recovered or purged (VaultAlreadyExists, 409)"
            )
            return [refused("vaultName", resource.name, expectation, "is taken")]
        was, now = ((each or {}).get("properties") or {} for each in (before, resource.inputs))
        problems = []
        if was.get("enablePurgeProtection") and not now.get("enablePurgeProtection"):
            expectation = "expected true: it cannot be switched off again"
            problems.append(refused("properties.enablePurgeProtection", None, expectation))
        days = now.get("softDeleteRetentionInDays") or SOFT_DELETE_DAYS[-1]
        chosen = was.get("softDeleteRetentionInDays") or SOFT_DELETE_DAYS[-1]
        if before is not None and days != chosen:
            key = "properties.softDeleteRetentionInDays"
            problems.append(refused(key, days, f"expected {chosen}: it is chosen once"))
        return problems

    def create(self, resource: Resource) -> None:
        uri = f"https://{resource.name.lower()}.vault.azure.net/"
        resource.outputs["properties"] = {**resource.inputs["properties"], "vaultUri": uri}

    def update(self, resource: Resource) -> None:
        self.create(resource)

    def delete(self, resource: Resource) -> None:
        """Soft delete: the name stays with it."""
        days = resource.inputs["properties"].get("softDeleteRetentionInDays")
        end = self.azure.clock.now + timedelta(days=int(days or SOFT_DELETE_DAYS[-1]))
        self.azure.service(_Deleted)[resource.name.lower()] = end


class Secret(ResourceType):
    """A value in a vault, written by Azure Resource Manager, which never gives it back."""

    pulumi_type = "azure-native:keyvault:Secret"
    path = ArmPath("Microsoft.KeyVault/vaults/secrets", ("vaultName", "secretName"))
    name_rule = NameRule(1, 127, r"[A-Za-z0-9-]+", "letters, digits and hyphens")
    billing = Free("is paid by operations of its vault")
    replace_on = ("vaultName", "secretName")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """ "About Azure Key Vault secrets": 25,000 bytes."""
        value = str((inputs.get("properties") or {}).get("value") or "")
        if len(value.encode()) > LONGEST_SECRET:
            expectation = f"expected at most {LONGEST_SECRET} bytes"
            return [refused("properties.value", f"of {len(value)} characters", expectation)]
        return []

    def create(self, resource: Resource) -> None:
        """Each value is a version of its own, and the old ones can still be read."""
        versions = self.azure.service(_Versions).setdefault(resource.id.lower(), {})
        version = self.azure.resources.digest(resource.id, str(len(versions)))[:32]
        versions[version] = str(resource.inputs["properties"].get("value") or "")
        vault = str(resource.inputs["vaultName"]).lower()
        told = {key: each for key, each in resource.inputs["properties"].items() if key != "value"}
        uri = f"https://{vault}.vault.azure.net/secrets/{resource.name}"
        named = {"secretUri": uri, "secretUriWithVersion": f"{uri}/{version}"}
        resource.outputs["properties"] = {**told, **named}

    def update(self, resource: Resource) -> None:
        self.create(resource)


class _Deleted(dict[str, datetime]):
    """Until when a deleted vault keeps its name, which is in lower case."""

    def __init__(self, _azure: Subscription) -> None:
        super().__init__()


class _Versions(dict[str, dict[str, str]]):
    """Values by version, by a secret's id in lower case; they outlive a deletion (soft delete)."""

    def __init__(self, _azure: Subscription) -> None:
        super().__init__()


def value_of(azure: Subscription, secret: Resource, version: str) -> str | None:
    """The value of a version, of the newest without one; None for a version that never was."""
    versions = azure.service(_Versions)[secret.id.lower()]
    return versions.get(version) if version else list(versions.values())[-1]


def find_vault(azure: Subscription, name: str) -> Resource | None:
    """Names of vaults are unique in the world, whatever the case."""
    return next(
        (
            each
            for each in azure.resources.list(Vault.pulumi_type)
            if each.name.lower() == name.lower()
        ),
        None,
    )


def find_secret(azure: Subscription, vault: Resource, name: str) -> Resource | None:
    return azure.resources.find(f"{vault.id}/secrets/{name}")


def may_read(azure: Subscription, vault: Resource, principal: str) -> bool:
    """Whether an identity gets values: by its roles, or by the vault's access policies."""
    properties = vault.inputs["properties"]
    if properties.get("enableRbacAuthorization"):
        return allows(azure, principal, READ, vault.id)
    return any(
        str(policy.get("objectId", "")).lower() == principal.lower()
        and {"get", "all"} & {str(word).lower() for word in _secrets_of(policy)}
        for policy in properties.get("accessPolicies") or []
    )


def _secrets_of(policy: dict[str, Any]) -> list[Any]:
    return list((policy.get("permissions") or {}).get("secrets") or [])


TYPES: Final[list[type[ResourceType]]] = [Vault, Secret]
