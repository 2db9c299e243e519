"""Every rule of the pack, and what they find in a stack. Pure: no pulumi, no I/O."""

from collections.abc import Sequence
from typing import Final

from policy import action_group, alert_rule, log_store, stateful, web_app
from policy.declared import Declared
from policy.rule import Rule, StackRule, Violation, found_by

RULES: Final[tuple[Rule | StackRule, ...]] = (
    *web_app.RULES,
    *alert_rule.RULES,
    *action_group.RULES,
    *log_store.RULES,
    *stateful.RULES,
)


def violations(resources: Sequence[Declared]) -> list[Violation]:
    """What is wrong with the resources of one stack, mandatory rules first."""
    found = [each for rule in RULES for each in found_by(rule, resources)]
    return sorted(found, key=lambda each: each.level != "mandatory")
