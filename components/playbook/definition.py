"""Workflow definitions of the playbook, in the language of Azure Logic Apps.

Schema 2016-06-01; "Workflow Definition Language schema reference" and "Expression functions
reference" (learn.microsoft.com). Pure: no pulumi, no I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Any, NamedTuple

from components.playbook.block import blocking
from components.playbook.message import telling
from components.playbook.workflow_action import ADDRESS, ESSENTIALS, SCHEMA, query, set_outcome

TRIGGER = "manual"
"""Name of the request trigger; its callback URL is asked for by this name."""

MODES = ("simulate", "block")
FORMATS = ("teams", "slack")
MAX_BLOCKS = 100
"""Blocks at one time; App Service takes 512 access restrictions in all."""

BLOCK_MINUTES = range(5, 24 * 60 + 1)

# IANA's special-purpose registry, as far as no packet from the internet can have it as a source,
# and the address from which the platform itself probes. Documentation ranges are left out: nobody
# has them, and rehearsals use them.
_NEVER = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
    *("224.0.0.0/3", "168.63.129.16/32"),
)


@dataclass(frozen=True)
class PlaybookChoices:
    """What a stack may decide; `problems` says what of it cannot work."""

    mode: str = "simulate"
    message_format: str = "teams"
    block_minutes: int = 60
    block_severities: Sequence[int] = (0, 1, 2)
    never_block: Sequence[str] = ()
    """Addresses and networks that are never blocked."""


class ChoiceProblem(NamedTuple):
    """A choice that cannot work; `reason` is `<value> <problem>; <expectation>`."""

    path: str
    reason: str


def problems(choices: PlaybookChoices) -> list[ChoiceProblem]:
    """Everything that cannot work."""
    found = []
    for path, value, offered in (
        ("mode", choices.mode, MODES),
        ("message_format", choices.message_format, FORMATS),
    ):
        if value not in offered:
            reason = f"{value!r} is not offered; expected one of {', '.join(offered)}"
            found.append(ChoiceProblem(path, reason))
    if choices.block_minutes not in BLOCK_MINUTES:
        reason = f"{choices.block_minutes} is out of range; expected 5 to 1440 (a day)"
        found.append(ChoiceProblem("block_minutes", reason))
    levels = choices.block_severities
    if not levels or not all(each in range(5) for each in levels):
        reason = f"{list(levels)} names no severities; expected some of 0 to 4"
        found.append(ChoiceProblem("block_severities", reason))
    for number, text in enumerate(choices.never_block):
        try:
            ip_network(text)
        except ValueError as error:
            reason = f"{text!r} is no network ({error}); expected one such as 198.51.100.0/24"
            found.append(ChoiceProblem(f"never_block[{number}]", reason))
    return found


def protected_ranges(never_block: Sequence[str]) -> list[dict[str, int]]:
    """First and last address of each range that is never blocked, as numbers.

    IPv6 networks are left out: IPv6 addresses are never blocked at all.
    """
    networks = [ip_network(text) for text in (*_NEVER, *never_block)]
    return [
        {"first": int(each.network_address), "last": int(each.broadcast_address)}
        for each in networks
        if isinstance(each, IPv4Network)
    ]


def respond(choices: PlaybookChoices) -> dict[str, Any]:
    """The workflow that tells of an alert and, in mode block, shuts its source address out."""
    parameters: dict[str, Any] = {
        "notifyUrl": {"type": "securestring"},
        "blockMinutes": {"type": "int", "defaultValue": int(choices.block_minutes)},
        "blockSeverities": {
            "type": "array",
            "defaultValue": [f"Sev{int(each)}" for each in choices.block_severities],
        },
        "addressDimensions": {"type": "array", "defaultValue": ["SrcIpAddr", "CIp"]},
        "protectedRanges": {
            "type": "array",
            "defaultValue": protected_ranges(choices.never_block),
        },
    }
    if choices.mode == "block":
        parameters["webAppId"] = {"type": "string"}
        parameters["maxBlocks"] = {"type": "int", "defaultValue": MAX_BLOCKS}
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "triggers": {TRIGGER: _request_trigger()},
        "actions": {**_reading(), **_deciding(choices.mode), **telling(choices.message_format)},
        "outputs": {},
    }


_FIRST_CONDITION = (
    "first(coalesce(triggerBody()?['data']?['alertContext']?['condition']?['allOf'], json('[]')))"
)


def _request_trigger() -> dict[str, Any]:
    """One run at a time: a run reads all access restrictions and writes them back.

    What waits beyond that is refused with 429, which action groups try again. Concurrency cannot
    be taken back once it is set, so both modes have it.
    """
    essentials = {"type": "object", "required": ["severity", "monitorCondition", "alertRule"]}
    data = {"type": "object", "properties": {"essentials": essentials}, "required": ["essentials"]}
    return {
        "type": "Request",
        "kind": "Http",
        "inputs": {
            "method": "POST",
            "schema": {
                "type": "object",
                "properties": {"schemaId": {"type": "string"}, "data": data},
                "required": ["schemaId", "data"],
            },
        },
        "operationOptions": "EnableSchemaValidation",
        "runtimeConfiguration": {"concurrency": {"runs": 1, "maximumWaitingRuns": 100}},
    }


def _reading() -> dict[str, Any]:
    """What the alert is about: its dimensions, and the source address among them."""
    return {
        "Outcome": {
            "type": "InitializeVariable",
            "runAfter": {},
            "inputs": {"variables": [{"name": "outcome", "type": "string", "value": "told"}]},
        },
        "Dimensions": {
            "type": "Compose",
            "runAfter": {"Outcome": ["Succeeded"]},
            "inputs": f"@coalesce({_FIRST_CONDITION}?['dimensions'], json('[]'))",
        },
        "Address_dimensions": query(
            "@outputs('Dimensions')",
            "@contains(parameters('addressDimensions'), item()?['name'])",
            "Dimensions",
        ),
        "Address": {
            "type": "Compose",
            "runAfter": {"Address_dimensions": ["Succeeded"]},
            "inputs": "@coalesce(first(body('Address_dimensions'))?['value'], '')",
        },
    }


def _deciding(mode: str) -> dict[str, Any]:
    """Only a single public IPv4 address of a fired alert, severe enough, is acted upon.

    The language has no function for networks, so addresses are compared as numbers.
    """
    part = "int(split(outputs('Address'), '.')[{}])".format
    number = (
        f"@add(add(mul({part(0)}, 16777216), mul({part(1)}, 65536)),"
        f" add(mul({part(2)}, 256), {part(3)}))"
    )
    shut = blocking() if mode == "block" else {"Would_block": set_outcome(_WOULD_BLOCK)}
    decide = {
        "Address_number": {"type": "Compose", "runAfter": {}, "inputs": number},
        "Protected": query(
            "@parameters('protectedRanges')",
            "@and(lessOrEquals(item()['first'], outputs('Address_number')),"
            " greaterOrEquals(item()['last'], outputs('Address_number')))",
            "Address_number",
        ),
        "Is_not_protected": {
            "type": "If",
            "runAfter": {"Protected": ["Succeeded"]},
            "expression": {"and": [{"equals": ["@length(body('Protected'))", 0]}]},
            "actions": shut,
            "else": {
                "actions": {
                    "Spared": set_outcome(f"not blocked: @{{{ADDRESS}}} is private or spared")
                }
            },
        },
    }
    return {
        "Is_to_be_considered": {
            "type": "If",
            "runAfter": {"Address": ["Succeeded"]},
            "expression": {
                "and": [
                    {"equals": [f"@{ESSENTIALS}?['monitorCondition']", "Fired"]},
                    {
                        "contains": [
                            "@parameters('blockSeverities')",
                            f"@{ESSENTIALS}?['severity']",
                        ]
                    },
                    {"equals": [f"@length(split({ADDRESS}, '.'))", 4]},
                ]
            },
            "actions": {
                "Numeric_parts": query(f"@split({ADDRESS}, '.')", "@isInt(item())"),
                "Is_an_address": {
                    "type": "If",
                    "runAfter": {"Numeric_parts": ["Succeeded"]},
                    "expression": {"and": [{"equals": ["@length(body('Numeric_parts'))", 4]}]},
                    "actions": decide,
                },
            },
        }
    }


_WOULD_BLOCK = f"simulation: would block @{{{ADDRESS}}} for @{{parameters('blockMinutes')}} minutes"
