"""What the inputs of a flexible server may be, as far as they can be judged by themselves."""

import re
from collections.abc import Mapping
from typing import Any

from components.limits import database
from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.resource_error import refused


def size_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """Size, tier, standby, disk and backups."""
    problems = []
    sku, storage = inputs.get("sku") or {}, inputs.get("storage") or {}
    name = str(sku.get("name", ""))
    try:
        tier = database.tier(name)
        if tier != sku.get("tier"):
            problems.append(refused("sku.tier", sku.get("tier"), f"expected {tier} with {name}"))
        mode = (inputs.get("highAvailability") or {}).get("mode", "Disabled")
        if tier == "Burstable" and mode != "Disabled":
            expectation = "expected Disabled: burstable sizes have no standby"
            problems.append(refused("highAvailability.mode", mode, expectation))
    except ValueError:
        problems.append(refused("sku.name", name, "expected a size such as Standard_B1ms"))
    size = storage.get("storageSizeGB")
    if size is not None and size not in database.STORAGE_SIZES:
        sizes = ", ".join(map(str, database.STORAGE_SIZES))
        problems.append(refused("storage.storageSizeGB", size, f"expected one of {sizes}"))
    days = (inputs.get("backup") or {}).get("backupRetentionDays")
    if days is not None and days not in database.BACKUP_DAYS:
        problems.append(refused("backup.backupRetentionDays", days, "expected 7 to 35"))
    return problems


def sign_in_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """The ways to sign in, and the administrator's name and password."""
    config = inputs.get("authConfig") or {}
    by_password = config.get("passwordAuth", "Enabled") == "Enabled"
    entra = config.get("activeDirectoryAuth") == "Enabled"
    problems = []
    if not by_password and not entra:
        expectation = "expected Enabled here or for activeDirectoryAuth"
        problems.append(refused("authConfig.passwordAuth", "Disabled", expectation))
    if not by_password:
        return problems
    login = str(inputs.get("administratorLogin") or "")
    if (
        not re.fullmatch(r"(?!pg_)[A-Za-z][A-Za-z0-9_]{0,62}", login)
        or login.lower() in database.RESERVED_LOGINS
    ):
        expectation = "expected letters, digits and _, none of Azure's own names"
        problems.append(refused("administratorLogin", login or ABSENT, expectation))
    password = str(inputs.get("administratorLoginPassword") or "")
    kinds = sum(bool(re.search(kind, password)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[\W_]"))
    if not 8 <= len(password) <= 128 or kinds < 3:
        expectation = "expected 8 to 128 characters of three kinds"
        shown = "(hidden)" if password else ABSENT
        problems.append(refused("administratorLoginPassword", shown, expectation))
    return problems
