"""What `lab check` has to say: one breach of one rule at one place."""

from collections.abc import Iterable
from dataclasses import dataclass

from components.limits.refusal import Refusal
from lab.check.rule import RULES, Rule


@dataclass(frozen=True)
class Finding:
    """`path` from the project's root; `line` and `column` count from 1, None where unknown."""

    path: str
    line: int | None
    column: int | None
    rule_id: str
    what: str
    instead: str
    width: int = 1
    """Characters from `column` on."""

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        return RULES[self.rule_id]


def of_refusal(rule_id: str, refusal: Refusal, path: str) -> Finding:
    """What is refused, as a finding; in the file `path` where the refusal names none."""
    return Finding(
        refusal.where.file or path,
        refusal.where.line,
        None,
        rule_id,
        refusal.problem,
        refusal.expected or RULES[rule_id].summary,
    )


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file and place, each once: a function is seen through every query that uses it."""
    once: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        once.setdefault((each.path, each.line, each.column, each.rule_id, each.what), each)
    return sorted(
        once.values(), key=lambda each: (each.path, each.line or 0, each.column or 0, each.rule_id)
    )
