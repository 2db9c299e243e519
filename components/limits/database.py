"""What Azure Database for PostgreSQL (flexible server) takes. Pure: no pulumi, no I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Self

# The SDK's PostgresMajorVersion; 11 and 12 are offered to servers that exist, for an upgrade.
VERSIONS = ("13", "14", "15", "16", "17", "18")
AUTHENTICATIONS = ("password", "entra", "both")

# Sizes of the managed disk in GiB; a server's disk only grows (azurerm_postgresql_flexible_server).
STORAGE_SIZES = (32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767)
BACKUP_DAYS = range(7, 36)

# The word that stands for every address inside Azure, whoever rents it; the rule 0.0.0.0-0.0.0.0.
ALL_OF_AZURE = "azure"

# "Compute options in Azure Database for PostgreSQL flexible server".
_TIERS = {
    "Burstable": r"Standard_B(1ms|2s|2ms|4ms|8ms|12ms|16ms|20ms)",
    "GeneralPurpose": r"Standard_D(2|4|8|16|32|48|64|96)(s_v3|ds_v4|ds_v5|ads_v5)",
    "MemoryOptimized": r"Standard_E(2|4|8|16|20|32|48|64|96)(s_v3|ds_v4|ds_v5|ads_v5)",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
RESERVED_LOGINS = frozenset(
    {"admin", "administrator", "azure_pg_admin", "azure_superuser", "azuresu", "guest"}
    | {"postgres", "public", "root"}
)
"""That no administrator may be called."""
# PostgreSQL's and Azure's own databases.
_TAKEN = ("azure_maintenance", "azure_sys", "postgres", "template0", "template1")


def tier(sku: str) -> str:
    """The tier that a size belongs to; ValueError for one that is not offered."""
    for name, pattern in _TIERS.items():
        if re.fullmatch(pattern, sku):
            return name
    raise ValueError(f"{sku} is no size of a flexible server; expected one such as Standard_B1ms")


@dataclass(frozen=True)
class DatabaseChoice:
    """What somebody wants of a server: LoginDatabase's inputs, with their defaults."""

    database_name: str = "logins"
    database_sku: str = "Standard_B1ms"
    database_version: str = "17"
    database_storage_gb: int = 32
    database_backup_days: int = 7
    database_zone_redundant: bool = False
    database_authentication: str = "password"
    database_public_access: tuple[str, ...] = ()

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> Self:
        """Whole numbers may come as floats, and a list as a list."""
        given = {key: inputs[key] for key in cls.__annotations__ if inputs.get(key) is not None}
        for key in ("database_storage_gb", "database_backup_days"):
            if key in given:
                given[key] = int(given[key])
        given["database_public_access"] = tuple(given.get("database_public_access", ()))
        return cls(**given)

    @property
    def is_private(self) -> bool:
        return not self.database_public_access

    @property
    def has_passwords(self) -> bool:
        return self.database_authentication in ("password", "both")

    @property
    def has_entra(self) -> bool:
        return self.database_authentication in ("entra", "both")

    def problems(self) -> dict[str, str]:
        """What Azure would refuse, in words, by the name of the input."""
        found = {}
        if wrong := _name_problem(self.database_name):
            found["database_name"] = wrong
        try:
            if tier(self.database_sku) == "Burstable" and self.database_zone_redundant:
                found["database_zone_redundant"] = (
                    f"true is not offered by {self.database_sku}; "
                    "expected false, or a size from Standard_D2ds_v5"
                )
        except ValueError as error:
            found["database_sku"] = str(error)
        checks = {
            "database_version": VERSIONS,
            "database_storage_gb": STORAGE_SIZES,
            "database_backup_days": BACKUP_DAYS,
            "database_authentication": AUTHENTICATIONS,
        }
        for key, allowed in checks.items():
            value = getattr(self, key)
            if value not in allowed:
                words = "7 to 35" if allowed is BACKUP_DAYS else ", ".join(map(str, allowed))
                found[key] = f"{value} is not offered; expected {words}"
        for text in self.database_public_access:
            try:
                firewall_range(text)
            except ValueError as error:
                found["database_public_access"] = str(error)
        return found


def _name_problem(name: str) -> str | None:
    """Why a database cannot be called so; None when it can."""
    if not _NAME.fullmatch(name):
        return f"{name!r} is no database name; expected a letter, then letters, digits, _ and -"
    if name in _TAKEN:
        return f"{name} belongs to the server; expected another name"
    return None


def firewall_range(text: str) -> tuple[str, str]:
    """First and last address of `azure`, an IPv4 address, or two joined by a hyphen."""
    if text == ALL_OF_AZURE:
        return "0.0.0.0", "0.0.0.0"  # noqa: S104 - Azure's form of the rule, no bind address
    first, _, last = text.partition("-")
    try:
        start, end = IPv4Address(first.strip()), IPv4Address((last or first).strip())
    except AddressValueError:
        expected = "expected azure, 203.0.113.7 or 203.0.113.0-203.0.113.63"
        raise ValueError(f"{text!r} is no IPv4 address or range; {expected}") from None
    if end < start:
        raise ValueError(f"{text!r} ends before it begins; expected the lower address first")
    if int(start) == 0 or int(end) - int(start) >= 2**16:
        raise ValueError(
            f"{text!r} opens the server to strangers; expected at most 65536 addresses"
        )
    return str(start), str(end)
