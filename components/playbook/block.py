"""Blocking an address: reading and writing the access restrictions of a web app.

"Azure App Service access restrictions" (learn.microsoft.com). Pure: no pulumi, no I/O.
"""

from typing import Any

from components.playbook.workflow_action import ADDRESS, ESSENTIALS, SCHEMA, query, set_outcome

RULE_PREFIX = "login-block-"
"""Access restrictions of this name are the playbook's; the rest of the name is their expiry."""

_STAMP = "yyyyMMddTHHmmssZ"
_API_VERSION = "2024-04-01"  # of Microsoft.Web/sites/config
_LAST = 2147483647  # priority of the rule that stands for the unmatched rest
_SITE_CONFIG = "body('Read_restrictions')?['properties']"
_RESTRICTIONS = f"@coalesce({_SITE_CONFIG}?['ipSecurityRestrictions'], json('[]'))"
_NAME = "coalesce(item()?['name'], '')"
_IS_OURS = f"startsWith({_NAME}, '{RULE_PREFIX}')"
# The stamp of a name compares as text, because every part of it has a fixed length.
_IS_LIVE = f"greater({_NAME}, concat('{RULE_PREFIX}', formatDateTime(utcNow(), '{_STAMP}')))"
_IS_A_RULE = f"not(equals(item()?['priority'], {_LAST}))"


def expire(every_minutes: int = 15) -> dict[str, Any]:
    """The workflow that takes back blocks whose time is over."""
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"webAppId": {"type": "string"}},
        "triggers": {
            "every": {
                "type": "Recurrence",
                "recurrence": {"frequency": "Minute", "interval": every_minutes},
                "runtimeConfiguration": {"concurrency": {"runs": 1}},
            }
        },
        "actions": {
            "Read_restrictions": _read_restrictions(),
            "Expired": query(
                _RESTRICTIONS, f"@and({_IS_OURS}, not({_IS_LIVE}))", "Read_restrictions"
            ),
            "Is_any_expired": {
                "type": "If",
                "runAfter": {"Expired": ["Succeeded"]},
                "expression": {"and": [{"greater": ["@length(body('Expired'))", 0]}]},
                "actions": {
                    "Kept": query(
                        _RESTRICTIONS,
                        f"@and({_IS_A_RULE}, or(not({_IS_OURS}), {_IS_LIVE}))",
                    ),
                    # The default action is not named: it stays what it is.
                    "Write_restrictions": _write_restrictions(
                        {"ipSecurityRestrictions": "@body('Kept')"}, after="Kept"
                    ),
                },
            },
        },
        "outputs": {},
    }


def blocking() -> dict[str, Any]:
    """Adds a deny rule, unless the app has an allow list or too many blocks already.

    Without a default action, the first rule of any kind shuts everybody else out ("Azure App
    Service access restrictions"); so Allow is set with it, but only where nobody has made rules
    of their own that count on the opposite.
    """
    default = f"{_SITE_CONFIG}?['ipSecurityRestrictionsDefaultAction']"
    is_open = (
        f"@or(equals({default}, 'Allow'),"
        f" and(equals(length(body('Others')), 0), not(equals({default}, 'Deny'))))"
    )
    rule = {
        "name": f"{RULE_PREFIX}@{{formatDateTime(addMinutes(utcNow(),"
        f" parameters('blockMinutes')), '{_STAMP}')}}",
        "description": f"Blocked for the alert @{{{ESSENTIALS}?['alertRule']}}",
        "ipAddress": f"@{{{ADDRESS}}}/32",
        "action": "Deny",
        "tag": "Default",
        "priority": 100,
    }
    is_another = f"not(equals(item()?['ipAddress'], concat({ADDRESS}, '/32')))"
    done = f"blocked @{{{ADDRESS}}} for @{{parameters('blockMinutes')}} minutes"
    return {
        "Before_blocking": set_outcome(f"not blocked: blocking @{{{ADDRESS}}} failed, see the run"),
        "Read_restrictions": _read_restrictions("Before_blocking"),
        "Others": query(_RESTRICTIONS, f"@and({_IS_A_RULE}, not({_IS_OURS}))", "Read_restrictions"),
        "Other_blocks": query(
            _RESTRICTIONS, f"@and({_IS_OURS}, {_IS_LIVE}, {is_another})", "Others"
        ),
        "New_block": {
            "type": "Compose",
            "runAfter": {"Other_blocks": ["Succeeded"]},
            "inputs": rule,
        },
        "Can_be_blocked": {
            "type": "If",
            "runAfter": {"New_block": ["Succeeded"]},
            "expression": {
                "and": [
                    {"equals": [is_open, True]},
                    {"less": ["@length(body('Other_blocks'))", "@parameters('maxBlocks')"]},
                ]
            },
            "actions": {
                "Write_restrictions": _write_restrictions(
                    {
                        "ipSecurityRestrictionsDefaultAction": "Allow",
                        "ipSecurityRestrictions": "@union(body('Others'), body('Other_blocks'),"
                        " createArray(outputs('New_block')))",
                    }
                ),
                "After_blocking": set_outcome(done, "Write_restrictions"),
            },
            "else": {
                "actions": {
                    "Left_alone": set_outcome(
                        f"not blocked: @{{{ADDRESS}}}; the app has an allow list, or"
                        " @{parameters('maxBlocks')} blocks already"
                    )
                }
            },
        },
    }


def _read_restrictions(after: str = "") -> dict[str, Any]:
    return {
        "type": "Http",
        "runAfter": {after: ["Succeeded"]} if after else {},
        "inputs": _site_config("GET"),
    }


def _write_restrictions(properties: dict[str, Any], after: str = "") -> dict[str, Any]:
    inputs = {**_site_config("PATCH"), "body": {"properties": properties}}
    return {"type": "Http", "runAfter": {after: ["Succeeded"]} if after else {}, "inputs": inputs}


def _site_config(method: str) -> dict[str, Any]:
    """PATCH leaves alone what it does not name ("Web Apps - Update Configuration")."""
    return {
        "method": method,
        "uri": "https://management.azure.com@{parameters('webAppId')}/config/web",
        "queries": {"api-version": _API_VERSION},
        "authentication": {
            "type": "ManagedServiceIdentity",
            "audience": "https://management.azure.com/",
        },
    }
