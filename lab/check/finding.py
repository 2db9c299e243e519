"""What `lab check` has to say: one breach of one rule at one place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lab.check.rule import RULES, Rule

_PLACE: Final = re.compile(r"^(.*) \(([^()]*?\.(?:kql|ya?ml|jsonl))(?::(\d+))?(?:[:,] [^()]*)?\)$")


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


def from_message(rule_id: str, message: str, path: str) -> Finding:
    """A finding of a message of the form `<what>; <what is expected> (<file>:<line>)`."""
    place = _PLACE.match(message)
    text = place[1] if place else message
    what, _, instead = text.partition("; ")
    return Finding(
        place[2] if place else path,
        int(place[3]) if place and place[3] else None,
        None,
        rule_id,
        what,
        instead or RULES[rule_id].summary,
    )


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file and place, each once: a function is seen through every query that uses it."""
    once: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        once.setdefault((each.path, each.line, each.column, each.rule_id, each.what), each)
    return sorted(
        once.values(), key=lambda each: (each.path, each.line or 0, each.column or 0, each.rule_id)
    )
