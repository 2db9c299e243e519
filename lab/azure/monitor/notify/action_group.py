"""Action groups: who is told of an alert, and by which way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from components.limits.receiver import (
    LOCATIONS,
    MAX_SHORT_NAME,
    RECEIVERS,
    address_problems,
    number_problems,
)
from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Metered
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath

ReceiverKind = Literal["email", "sms", "webhook", "logicApp", "other"]

_TO: Final[dict[str, tuple[ReceiverKind, str]]] = {
    "emailReceivers": ("email", "emailAddress"),
    "webhookReceivers": ("webhook", "serviceUri"),
    "logicAppReceivers": ("logicApp", "callbackUrl"),
}
_SMS_KEYS: Final = {"countryCode": "countryCode", "number": "phoneNumber"}


@dataclass(frozen=True)
class Receiver:
    """One entry of an action group; the URL of a webhook is a secret."""

    name: str
    kind: ReceiverKind
    to: str = field(repr=False)

    @property
    def shown(self) -> str:
        """What may be printed: a mail address, a telephone number, the host of a URL."""
        return self.to if self.kind in ("email", "sms") else host_of(self.to)


@dataclass(frozen=True)
class ReceiverGroup:
    """What an alert needs of an action group."""

    name: str
    enabled: bool
    receivers: tuple[Receiver, ...]
    short_name: str = ""

    @classmethod
    def from_arm(cls, inputs: Mapping[str, Any], name: str) -> "ReceiverGroup":
        found = []
        for lists in RECEIVERS:
            found += [_receiver(lists, each) for each in inputs.get(lists) or ()]
        enabled, short_name = bool(inputs.get("enabled", True)), inputs.get("groupShortName")
        return cls(name, enabled, tuple(found), str(short_name or name))


def _receiver(lists: str, given: Mapping[str, Any]) -> Receiver:
    if lists == "smsReceivers":
        return Receiver(given["name"], "sms", f"+{given['countryCode']}{given['phoneNumber']}")
    kind, key = _TO.get(lists, ("other", "name"))
    return Receiver(given["name"], kind, str(given.get(key) or lists))


class ActionGroup(ResourceType):
    """Mail, texts, webhooks and Logic Apps are reached; other receivers are only recorded."""

    pulumi_type = "azure-native:monitor:ActionGroup"
    path = ArmPath("Microsoft.Insights/actionGroups", ("actionGroupName",))
    name_rule = NameRule(
        1, 260, r"[^/&%\\?]*[^/&%\\? .]", r"none of /&%\?, no dot or space at the end"
    )
    locations = LOCATIONS
    billing = Metered(("notification",))

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Microsoft, "Action groups" and the service limits."""
        found = []
        short = inputs["groupShortName"]
        if not 1 <= len(short) <= MAX_SHORT_NAME:
            found.append(refused("groupShortName", short, "expected 1 to 12 characters"))
        return [*found, *_receiver_problems(inputs)]


def _receiver_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    found: list[Refusal] = []
    names: set[str] = set()
    for lists, limit in RECEIVERS.items():
        receivers = inputs.get(lists) or []
        if len(receivers) > limit:
            found.append(refused(lists, len(receivers), f"expected at most {limit} receivers"))
        for number, receiver in enumerate(receivers):
            place = f"{lists}[{number}]"
            name = receiver["name"]
            if name.lower() in names:
                expectation = "expected each receiver's name once, whatever its kind and case"
                found.append(refused(f"{place}.name", name, expectation))
            names.add(name.lower())
            found += _address_problems(lists, place, receiver)
    return found


def _address_problems(lists: str, place: str, receiver: Mapping[str, Any]) -> list[Refusal]:
    if lists == "emailReceivers":
        found = address_problems(f"{place}.emailAddress", [receiver["emailAddress"]])
        return [refused(f"{place}.emailAddress", ABSENT, "", each.reason) for each in found]
    if lists == "smsReceivers":
        given = (receiver["countryCode"], receiver["phoneNumber"])
        return [
            refused(f"{place}.{_SMS_KEYS[each.path.rpartition('.')[2]]}", ABSENT, "", each.reason)
            for each in number_problems("", [given])
        ]
    key = {"webhookReceivers": "serviceUri", "logicAppReceivers": "callbackUrl"}.get(lists)
    if key is not None:
        parts = urlsplit(receiver[key])
        if parts.scheme not in ("http", "https") or not parts.hostname:
            shown = f"[{parts.scheme or 'no scheme'}]"  # the rest may be a secret
            return [refused(f"{place}.{key}", shown, "expected an http or https address")]
    return []


def host_of(url: str) -> str:
    """Host and port of a URL: what may be shown of it."""
    return urlsplit(url).netloc.rpartition("@")[2]
