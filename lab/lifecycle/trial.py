"""Another value for each setting, and what its change may cost.

A setting of Pulumi.yaml that stands nowhere here is tried all the same: a switch is turned, a
number goes up by one, a list or an object stays as it is and is told as not tried.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

EVERYTHING: Final = ("",)
"""Prefix of every token."""
SERVER: Final = "azure-native:dbforpostgresql:"
DIAGNOSTICS: Final = "azure-native:monitor:DiagnosticSetting"
SAVED_SEARCH: Final = "azure-native:operationalinsights:SavedSearch"
"""Azure wants a mark of the old text for a new one: it is made anew, and nothing is in it."""
CODE: Final = "command:local:Command"


@dataclass(frozen=True)
class Trial:
    """The other value; what else the stack needs for it; which replacements come with it."""

    value: Any
    needs: Mapping[str, Any] = field(default_factory=dict)
    replaces: tuple[str, ...] = ()
    """Prefixes of types that cannot change in place; the code is delivered anew at any time."""
    moves: tuple[str, ...] = ()
    """What begins anew in another place: accounts, logs."""
    refused: str = ""
    """Words with which Azure's refusal is told, where it takes no such change."""
    stays: str = ""
    """The same of the way back, where it is for life."""


_TELLS: Final = {"playbook": "simulate", "playbookUrl": "https://hooks.example.com/channel"}
_STORES: Final = {"database": "postgres"}
_SPREADS: Final = {"appServiceSku": "P1v3", "instances": 2, "database": "postgres"} | {
    "sharedLimits": True
}

OTHERS: Final[Mapping[str, Trial]] = {
    "location": Trial("northeurope", replaces=EVERYTHING, moves=("accounts", "logs")),
    "alertEmails": Trial(["security@example.com"]),
    "urgentEmails": Trial(["duty@example.com"]),
    "smsNumbers": Trial(["+49 15112345678"]),
    "webhookUrl": Trial("https://elsewhere.example.com/alerts"),
    "suppressionWindows": Trial(
        [
            {
                "name": "move",
                "start": "2027-01-16T20:00:00",
                "end": "2027-01-17T06:00:00",
            }
        ]
    ),
    "playbook": Trial("block", {"playbookUrl": _TELLS["playbookUrl"]}),
    "playbookUrl": Trial("https://hooks.example.com/other", _TELLS),
    "playbookFormat": Trial("slack", _TELLS),
    "neverBlock": Trial(["203.0.113.0/24"], _TELLS),
    "retentionDays": Trial(90),
    "dailyCapGb": Trial(5),
    "appServiceSku": Trial("P1v3"),
    "instances": Trial(2, {"database": "postgres", "sharedLimits": True}),
    "zoneRedundant": Trial(True, _SPREADS, refused="zoneRedundant"),
    "pythonVersion": Trial("3.13"),
    "rateLimit": Trial("20 per minute; 1000 per day"),
    "captcha": Trial("always"),
    "initialPasswords": Trial("keep"),
    "secondFactorFor": Trial(["somebody-else"]),
    "passwordHash": Trial("m=19456,t=3"),
    "trustedProxies": Trial(["10.1.0.0/24"]),
    "database": Trial("postgres", moves=("accounts",)),
    "databaseSku": Trial("Standard_B2s", _STORES),
    "databaseAuthentication": Trial("entra", _STORES),
    # A server has a private network or a public address for life ("Networking overview for Azure
    # Database for PostgreSQL with private access").
    "databasePublicAccess": Trial(
        ["azure"],
        _STORES,
        replaces=(SERVER, "azure-native:privatedns:", DIAGNOSTICS),
        moves=("accounts",),
    ),
    "databaseGeoBackup": Trial(True, _STORES, refused="geoRedundantBackup"),
    "purgeProtection": Trial(True, {"keyVault": True}, stays="enablePurgeProtection"),
    "detections": Trial(["all"]),
    "loginSources": Trial(["json", "telemetry"], replaces=(SAVED_SEARCH,)),
    "detectionOverrides": Trial({"password_spray": {"threshold": 12}}),
    "exceptions": Trial(
        # In the lab's year; a day that has passed is only told.
        [{"reason": "a scan of our own", "expires": "2026-06-30", "address": "203.0.113.9"}]
    ),
    "muteDuration": Trial("PT30M"),
    "metricOverrides": Trial({"server-errors": {"severity": 3}}),
    "tags": Trial({"team": "security"}),
}
"""By the key of Pulumi.yaml."""


def trial(key: str, declaration: Mapping[str, Any], current: Any) -> Trial | None:
    """How the setting is tried from its current value; None where nobody can tell another one."""
    known = OTHERS.get(key)
    if known is not None:
        is_there_already = known.value == current
        if not is_there_already:
            return known
        default = declaration.get("default")
        return replace(known, value=default)
    if isinstance(current, bool):
        return Trial(not current)
    if isinstance(current, int):
        return Trial(current + 1)
    return None


def as_text(value: Any) -> str:
    """As `pulumi config set` takes it."""
    return value if isinstance(value, str) else json.dumps(value)
