"""Alert rules: whom they tell, and what Azure refuses only when it is too late."""

import json
import re
from collections.abc import Iterator
from typing import Final

from components.limits.alert_rule import ANY_OPERATOR, MAX_RULE_BYTES, OWN_RULE_BYTES
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


def _size(rule: Declared) -> Iterator[str]:
    size = len(json.dumps(rule.properties, default=str, ensure_ascii=False).encode())
    if size > MAX_RULE_BYTES:
        yield f"has {size} bytes in all its properties, of which Azure takes {MAX_RULE_BYTES}"


def _small_query(rule: Declared) -> Iterator[str]:
    for number, _ in rule.items("criteria", "allOf"):
        query = str(rule.value("criteria", "allOf", number, "query") or "")
        if len(query.encode()) > OWN_RULE_BYTES:
            yield f"has a query of {len(query.encode())} bytes, which each alert carries five times"


def _own_threshold(rule: Declared) -> Iterator[str]:
    for number, _ in rule.items("criteria", "allOf"):
        place = ("criteria", "allOf", number)
        dimensions, threshold = rule.value(*place, "dimensions"), rule.value(*place, "threshold")
        query = rule.value(*place, "query")
        if not dimensions or query in (None, UNKNOWN) or threshold in (None, UNKNOWN):
            continue
        last = str(query).rstrip().rpartition("\n")[2]
        if float(threshold) > 1 and not re.search(rf"\|\s*where\b.*\b{float(threshold):g}\b", last):
            yield "hands on every value of its dimensions, and Azure bills each of them"


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
SIZE: Final = Rule(
    name="alert-rule-size",
    description="A log alert rule is as small as Azure takes it.",
    level="mandatory",
    remediation="shorten the patterns of its query, or make two rules of it",
    types=frozenset({LOG_RULE}),
    check=_size,
)
SMALL_QUERY: Final = Rule(
    name="alert-rule-small-query",
    description="The alerts of a log alert rule fit into a message.",
    level="advisory",
    remediation=f"keep its query below {OWN_RULE_BYTES} bytes",
    types=frozenset({LOG_RULE}),
    check=_small_query,
)
OWN_THRESHOLD: Final = Rule(
    name="alert-rule-own-threshold",
    description="A log alert rule with dimensions filters at its own threshold.",
    level="advisory",
    remediation="end its query with a where on what is measured",
    types=frozenset({LOG_RULE}),
    check=_own_threshold,
)
RULES: Final = (ROUTED, MUTE_OR_RESOLVE, KNOWN_OPERATOR, SIZE, SMALL_QUERY, OWN_THRESHOLD)
