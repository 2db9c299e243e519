"""What holds state that nothing else holds: accounts, secrets. (Logs have rules of their own.)"""

from collections.abc import Iterator
from typing import Final

from policy.declared import UNKNOWN, Declared
from policy.rule import Rule

SERVER: Final = "azure-native:dbforpostgresql:Server"
VAULT: Final = "azure-native:keyvault:Vault"


def _protected(resource: Declared) -> Iterator[str]:
    """The engine refuses to plan the deletion or replacement of what is protected."""
    if resource.is_in_prod and not resource.protected:
        yield "can be deleted or replaced by one changed setting, with all that is in it"


def _purge_protected(vault: Declared) -> Iterator[str]:
    kept = vault.value("properties", "enablePurgeProtection")
    if vault.is_in_prod and kept not in (True, UNKNOWN):
        yield "can be emptied for good by whoever may delete it"


def _by_roles(vault: Declared) -> Iterator[str]:
    if vault.value("properties", "enableRbacAuthorization") not in (True, UNKNOWN):
        yield "gives its secrets by access policies, which whoever may change the vault can widen"


def _no_passwords(server: Declared) -> Iterator[str]:
    config = server.value("authConfig", "passwordAuth")
    if server.is_in_prod and config not in ("Disabled", UNKNOWN):
        yield "takes passwords, which can be guessed and stolen"


PROTECTED: Final = Rule(
    name="state-protected",
    description="A database server and a vault of a production stack are protected.",
    level="mandatory",
    remediation="set protectLogStore: true, or protect=True among its options",
    types=frozenset({SERVER, VAULT}),
    check=_protected,
)
PURGE_PROTECTED: Final = Rule(
    name="vault-purge-protection",
    description="A vault of a production stack keeps what was deleted.",
    level="advisory",
    remediation="set purge_protection, which cannot be undone",
    types=frozenset({VAULT}),
    check=_purge_protected,
)
BY_ROLES: Final = Rule(
    name="vault-by-roles",
    description="Roles say who reads a vault.",
    level="mandatory",
    remediation="set enable_rbac_authorization",
    types=frozenset({VAULT}),
    check=_by_roles,
)
NO_PASSWORDS: Final = Rule(
    name="database-no-passwords",
    description="A production database is signed in to with an identity alone.",
    level="advisory",
    remediation="set databaseAuthentication: entra",
    types=frozenset({SERVER}),
    check=_no_passwords,
)
RULES: Final = (PROTECTED, PURGE_PROTECTED, BY_ROLES, NO_PASSWORDS)
