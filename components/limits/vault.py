"""What Azure Key Vault takes. Pure: no pulumi, no I/O."""

from typing import Final

SOFT_DELETE_DAYS: Final = range(7, 91)
"""In which a deleted vault can be had back ("Azure Key Vault recovery management"); chosen once."""

LONGEST_SECRET: Final = 25_000
"""Bytes of a secret's value ("About Azure Key Vault secrets")."""
