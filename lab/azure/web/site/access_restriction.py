"""Access restrictions: whom App Service's front end lets through.

"Azure App Service access restrictions" (learn.microsoft.com): by priority, the first match counts;
without a default action, any rule at all means that everybody else is refused.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_RULES: Final = 512
_ANYBODY: Final = "Any"


@dataclass(frozen=True)
class Restriction:
    """One rule; `address` is a network, several with commas between, or `Any`."""

    name: str
    priority: int
    allows: bool
    address: str

    def holds(self, client: str) -> bool:
        """Whether a client's address is meant; one that cannot be read is nobody's."""
        if self.address == _ANYBODY:
            return True
        try:
            found = ipaddress.ip_address(client)
            return any(found in ipaddress.ip_network(each) for each in self.address.split(","))
        except ValueError:
            return False


@dataclass(frozen=True)
class AccessRestrictions:
    """Rules of one site in the order in which they count."""

    rules: tuple[Restriction, ...] = ()
    default_allows: bool = True

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "AccessRestrictions":
        """From a site's configuration; rules for subnets and service tags match nobody here."""
        given = config.get("ipSecurityRestrictions") or []
        rules = [
            Restriction(
                str(each.get("name") or ""),
                int(each.get("priority") or 65000),
                each.get("action", "Allow") == "Allow",
                str(each.get("ipAddress") or ""),
            )
            for each in given
        ]
        default = config.get("ipSecurityRestrictionsDefaultAction")
        allows = default == "Allow" if default else not rules
        return cls(tuple(sorted(rules, key=lambda each: each.priority)), allows)

    def verdict(self, client: str) -> tuple[bool, Restriction | None]:
        """Whether the client may pass, and the rule that says so; None for the unmatched rest."""
        for rule in self.rules:
            if rule.holds(client):
                return rule.allows, rule
        return self.default_allows, None


def complaint(config: Mapping[str, Any]) -> str:
    """What Azure would refuse; '' for nothing."""
    rules = config.get("ipSecurityRestrictions") or []
    if len(rules) > MAX_RULES:
        return f"{len(rules)} access restrictions are too many; expected at most {MAX_RULES}"
    for each in rules:
        if each.get("action", "Allow") not in ("Allow", "Deny"):
            return f"action {each['action']!r} is not offered; expected Allow or Deny"
        for network in str(each.get("ipAddress") or _ANYBODY).split(","):
            if not (network == _ANYBODY or "/" in network) or _is_broken(network):
                return f"ipAddress {network!r} is no network; expected CIDR such as 198.51.100.7/32"
    return ""


def _is_broken(network: str) -> bool:
    if network == _ANYBODY:
        return False
    try:
        ipaddress.ip_network(network)
    except ValueError:
        return True
    return False
