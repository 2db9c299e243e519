"""Names that Azure accepts (learn.microsoft.com, "Naming rules and restrictions for resources")."""

import re
import uuid
from dataclasses import dataclass
from typing import Final

from lab.azure.core.problem import Problem


@dataclass(frozen=True)
class NameRule:
    """`pattern` says which characters may stand where, without the length."""

    shortest: int
    longest: int
    pattern: str
    words: str

    def problem(self, name: str) -> str | None:
        """What is wrong with the name, in words."""
        if not self.shortest <= len(name) <= self.longest:
            return f"has {len(name)} characters"
        return None if re.fullmatch(self.pattern, name) else "is no name that Azure accepts"

    @property
    def expectation(self) -> str:
        return f"expected {self.shortest} to {self.longest} characters: {self.words}"


_GUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ALERT: Final = NameRule(
    1,
    260,
    r"[^*#&+:<>?@%{}\\/|]*[^*#&+:<>?@%{}\\/| .]",
    r"none of *#&+:<>?@%{}\/|, no dot at the end",
)
_HYPHENS: Final = "letters, digits and hyphens, none at the ends"
_LOWER_HYPHENS: Final = "lower-case letters, digits and hyphens, none at the ends"
_NETWORK: Final = NameRule(
    1, 80, r"[A-Za-z0-9]([\w.-]*\w)?", "letters, digits and -_., a letter or digit first"
)
_SETTING: Final = NameRule(
    1, 260, r"(?!service$)[^*<>%&:\\?+/]+", r"none of *<>%&:\?+/, and not the word service"
)

RULES: Final[dict[str, NameRule]] = {
    "alertsmanagement:AlertProcessingRuleByName": NameRule(
        1, 260, r"[^*<>%:?/{}&#]*[^*<>%:?/{}&# .]", "none of *<>%:?/{}&#, no dot at the end"
    ),
    "applicationinsights:Component": NameRule(
        1, 260, r"[^%&\\?/]*[^%&\\?/ .]", r"none of %&\?/, no dot or space at the end"
    ),
    "applicationinsights:Workbook": NameRule(36, 36, _GUID, "a lower-case GUID"),
    "authorization:RoleAssignment": NameRule(36, 36, _GUID, "a lower-case GUID"),
    "dbforpostgresql:AdministratorsMicrosoftEntra": NameRule(36, 36, _GUID, "an object id"),
    "dbforpostgresql:Database": NameRule(
        1, 63, r"[A-Za-z_][\w-]*", "letters, digits, underscores and hyphens, a letter first"
    ),
    "dbforpostgresql:FirewallRule": NameRule(
        1, 128, r"[\w-]+", "letters, digits, hyphens and underscores"
    ),
    "dbforpostgresql:Server": NameRule(3, 63, r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", _LOWER_HYPHENS),
    "keyvault:Secret": NameRule(1, 127, r"[A-Za-z0-9-]+", "letters, digits and hyphens"),
    "keyvault:Vault": NameRule(
        3, 24, r"(?!.*--)[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]", "letters, digits and single hyphens"
    ),
    "logic:Workflow": NameRule(1, 80, r"[\w().-]+", "letters, digits and -_.()"),
    "managedidentity:UserAssignedIdentity": NameRule(
        3, 128, r"[A-Za-z0-9][\w-]*", "letters, digits, hyphens and underscores"
    ),
    "monitor:ActionGroup": NameRule(
        1, 260, r"[^/&%\\?]*[^/&%\\? .]", r"none of /&%\?, no dot or space at the end"
    ),
    "monitor:ActivityLogAlert": _ALERT,
    "monitor:DiagnosticSetting": _SETTING,
    "monitor:MetricAlert": _ALERT,
    "monitor:ScheduledQueryRule": NameRule(1, 260, r"[^#<>%&:\\?/{}*]+", r"none of #<>%&:\?/{}*"),
    "monitor:SubscriptionDiagnosticSetting": _SETTING,
    "network:PrivateEndpoint": _NETWORK,
    "network:Subnet": _NETWORK,
    "network:VirtualNetwork": _NETWORK,
    "operationalinsights:Workspace": NameRule(
        4, 63, r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", _HYPHENS
    ),
    "privatedns:PrivateZone": NameRule(
        1, 63, r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", "two labels or more, joined by dots"
    ),
    "privatedns:VirtualNetworkLink": _NETWORK,
    "redisenterprise:Database": NameRule(7, 7, "default", "the word default"),
    "redisenterprise:RedisEnterprise": NameRule(
        1, 60, r"(?!.*--)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", _HYPHENS
    ),
    "resources:ResourceGroup": NameRule(
        1, 90, r"[\w().-]*[\w()-]", "letters, digits and -_.(), no dot at the end"
    ),
    "storage:StorageAccount": NameRule(3, 24, r"[a-z0-9]+", "lower-case letters and digits"),
    "web:AppServicePlan": NameRule(1, 60, r"[\w-]+", "letters, digits and hyphens"),
    "web:WebApp": NameRule(2, 60, r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", _HYPHENS),
}

GUID_NAMES: Final = frozenset({"applicationinsights:Workbook", "authorization:RoleAssignment"})
"""The provider names these with a GUID where the program gives no name."""


def check(token: str, name_property: str, name: str) -> list[Problem]:
    """A type without a rule may have any name."""
    rule = RULES.get(token.removeprefix("azure-native:"))
    problem = rule.problem(name) if rule is not None else None
    if rule is None or problem is None:
        return []
    return [Problem(name_property, name, rule.expectation, problem)]


def automatic(token: str, logical_name: str, digest: str) -> str:
    """What the provider calls a resource that the program gives no name; `digest` is hex."""
    if token.removeprefix("azure-native:") in GUID_NAMES:
        return str(uuid.UUID(digest[:32]))
    return f"{logical_name}{digest[:8]}"
