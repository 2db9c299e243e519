"""Alert rules: whom they tell, and what Azure refuses only when it is too late."""

from collections.abc import Iterator
from typing import Final

from components.limits.alert_rule import ANY_OPERATOR
from policy.declared import UNKNOWN, Declared, Place
from policy.rule import Rule

LOG_RULE: Final = "azure-native:monitor:ScheduledQueryRule"
SENT_TO: Final[dict[str, Place]] = {
    LOG_RULE: ("actions", "actionGroups"),
    "azure-native:monitor:MetricAlert": ("actions",),
    "azure-native:monitor:ActivityLogAlert": ("actions", "actionGroups"),
    "azure-native:alertsmanagement:SmartDetectorAlertRule": ("actionGroups", "groupIds"),
}
"""Where each kind of alert rule names its action groups."""


def _routed(rule: Declared) -> Iterator[str]:
    if not rule.value(*SENT_TO[rule.type]):
        yield "tells nobody when it fires"


def _mute_or_resolve(rule: Declared) -> Iterator[str]:
    mute, resolves = rule.value("muteActionsDuration"), rule.value("autoMitigate")
    if mute and mute != UNKNOWN and resolves not in (False, UNKNOWN):
        yield f"is muted for {mute} and resolves by itself, which Azure refuses together"


def _operator(rule: Declared) -> Iterator[str]:
    for number, _ in rule.items("criteria", "allOf"):
        operator = rule.value("criteria", "allOf", number, "operator")
        if operator not in (None, UNKNOWN) and str(operator) not in ANY_OPERATOR:
            yield f"compares with {operator!r}, which Azure does not know for logs"


ROUTED: Final = Rule(
    name="alert-rule-routed",
    description="Every alert rule tells an action group.",
    level="mandatory",
    remediation="name an action group in its actions",
    types=frozenset(SENT_TO),
    check=_routed,
)
MUTE_OR_RESOLVE: Final = Rule(
    name="alert-rule-mute-or-resolve",
    description="A log alert rule is muted after an alert or resolves by itself, never both.",
    level="mandatory",
    remediation="set auto_mitigate=False, which is true by default, or leave the mute duration out",
    types=frozenset({LOG_RULE}),
    check=_mute_or_resolve,
)
KNOWN_OPERATOR: Final = Rule(
    name="alert-rule-known-operator",
    description="A log alert rule compares with an operator that Azure accepts.",
    level="mandatory",
    remediation=f"write one of {', '.join(ANY_OPERATOR)} as text, not as the SDK's enum",
    types=frozenset({LOG_RULE}),
    check=_operator,
)
RULES: Final = (ROUTED, MUTE_OR_RESOLVE, KNOWN_OPERATOR)
