"""What Azure Key Vault takes (Microsoft.KeyVault/vaults). Pure."""

from typing import Final

SOFT_DELETE_DAYS: Final = range(7, 91)
"""Days that a deleted vault can be had back ("Azure Key Vault soft-delete overview")."""
