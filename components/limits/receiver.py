"""What Azure accepts as receivers of an action group (Microsoft.Insights/actionGroups).

From Microsoft's pages "Action groups" and "Azure Monitor service limits". Pure: no pulumi, no I/O.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

LOCATIONS = (
    *("global", "eastus", "eastus2", "westus", "westus2", "southcentralus", "northcentralus"),
    *("swedencentral", "germanywestcentral", "centralindia", "southindia"),
)
"""Of an action group ("Create and manage action groups", 2026-07-21)."""
MAX_ADDRESS = 64
MAX_SHORT_NAME = 12
MAX_EMAILS = 1000
MAX_OTHERS = 10
"""Of one kind: SMS, webhooks, Logic Apps and the like."""
RECEIVERS = {
    "emailReceivers": MAX_EMAILS,
    **dict.fromkeys(
        (
            *("smsReceivers", "voiceReceivers", "webhookReceivers", "logicAppReceivers"),
            *("azureFunctionReceivers", "automationRunbookReceivers", "itsmReceivers"),
            *("eventHubReceivers", "armRoleReceivers", "azureAppPushReceivers"),
        ),
        MAX_OTHERS,
    ),
}
"""The lists of an action group, and how many entries each takes."""

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_COUNTRY = re.compile(r"[1-9][0-9]{0,2}")
_NUMBER = re.compile(r"[0-9]{4,14}")
_DIGITS = 15  # of a whole telephone number (ITU-T E.164)
# Names that belong to nobody and never will (RFC 2606, RFC 6761).
_RESERVED = re.compile(
    r"(.*\.)?(example\.(com|net|org)|example|invalid|localhost|test)\.?", re.IGNORECASE
)


class ReceiverProblem(NamedTuple):
    """A receiver that Azure would refuse; `reason` is `<problem>; <expectation>`."""

    path: str
    reason: str


def address_problems(path: str, addresses: Sequence[object]) -> list[ReceiverProblem]:
    """Of mail addresses; one that is not known yet is let through."""
    found = _too_many(path, len(addresses), MAX_EMAILS)
    for number, address in enumerate(addresses):
        if not isinstance(address, str):
            continue
        place = f"{path}[{number}]"
        if not _ADDRESS.fullmatch(address):
            reason = f"{address!r} is no e-mail address; expected the form soc@<domain>"
            found.append(ReceiverProblem(place, reason))
        elif len(address) > MAX_ADDRESS:
            reason = f"has {len(address)} characters; expected at most {MAX_ADDRESS}"
            found.append(ReceiverProblem(place, reason))
    return found


def is_placeholder(host: str) -> bool:
    """Whether a mail domain or a host is for documents and tests: nothing arrives there."""
    return _RESERVED.fullmatch(host) is not None


def number_problems(path: str, numbers: Sequence[tuple[str, str]]) -> list[ReceiverProblem]:
    """Of telephone numbers, each a country code and the rest."""
    found = _too_many(path, len(numbers), MAX_OTHERS)
    for place_in_list, (country, number) in enumerate(numbers):
        place = f"{path}[{place_in_list}]"
        if not _COUNTRY.fullmatch(country):
            reason = f"{country!r} is no country code; expected digits such as 49, without +"
            found.append(ReceiverProblem(f"{place}.countryCode", reason))
        if not _NUMBER.fullmatch(number) or len(country) + len(number) > _DIGITS:
            reason = f"{number!r} is no telephone number; expected 4 to 14 digits and nothing else"
            found.append(ReceiverProblem(f"{place}.number", reason))
    return found


def name_problems(
    path: str, names: Sequence[str], taken: Iterable[str] = ()
) -> list[ReceiverProblem]:
    """Of Logic Apps' names: unique among all receivers of a group, whatever the case."""
    found = _too_many(path, len(names), MAX_OTHERS)
    seen = {each.lower() for each in taken}
    for number, name in enumerate(names):
        place = f"{path}[{number}].name"
        if not name.strip():
            found.append(ReceiverProblem(place, "is empty; expected a name"))
        elif name.lower() in seen:
            reason = f"{name!r} is taken; expected each receiver's name once"
            found.append(ReceiverProblem(place, reason))
        seen.add(name.lower())
    return found


def _too_many(path: str, count: int, most: int) -> list[ReceiverProblem]:
    if count <= most:
        return []
    return [ReceiverProblem(path, f"has {count} receivers; expected at most {most}")]
