"""Exceptions from lint, each with its reason, in the query that needs it:

// allow too-many-alerts: the account must be named in full, and there are three of them
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from components.limits.refusal import nearest
from lab.check.finding import Finding
from lab.check.query import Query
from lab.check.rule import RULES

_ALLOW: Final = re.compile(r"^[ \t]*// allow ([\w-]+)\b:?[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Allowance:
    """One exception; `reason` is for the reader."""

    query: Query
    offset: int
    rule_id: str
    reason: str


def apply(queries: Iterable[Query], findings: Sequence[Finding]) -> list[Finding]:
    """The findings that nothing allows, and one for each allowance that allows nothing."""
    allowances = [each for query in queries for each in _of(query)]
    allowed = {(each.query.path, each.rule_id) for each in allowances if _is_sound(each)}
    kept = [each for each in findings if (each.path, each.rule_id) not in allowed]
    broken = {(each.path, each.rule_id) for each in findings}
    for each in allowances:
        if not _is_sound(each) or (each.query.path, each.rule_id) not in broken:
            kept.append(_needless(each))
    return kept


def _of(query: Query) -> list[Allowance]:
    return [
        Allowance(query, found.start(1), found[1], found[2].strip())
        for found in _ALLOW.finditer(query.file.body)
    ]


def _is_sound(allowance: Allowance) -> bool:
    rule = RULES.get(allowance.rule_id)
    return rule is not None and rule.check == "lint" and bool(allowance.reason)


def _needless(allowance: Allowance) -> Finding:
    rule_id = allowance.rule_id
    rule = RULES.get(rule_id)
    lint = [each.id for each in RULES.values() if each.check == "lint"]
    if rule is None or rule.check != "lint":
        what = f"{rule_id!r} is no rule that can be allowed"
        instead = nearest(rule_id, lint)
    elif not allowance.reason:
        what, instead = f"{rule_id} is allowed without a reason", "expected one after a colon"
    else:
        what, instead = f"{rule_id} is not broken here", "expected no allowance"
    return allowance.query.at(allowance.offset, len(rule_id), "needless-allowance", what, instead)
