"""The lint of `lab check` on a detection's file that lies outside the library."""

from collections.abc import Collection
from pathlib import Path

from components.content import attack_coverage, detection
from lab.check import (
    execution,
    library,
    lint_head,
    lint_query,
    lint_reach,
    lint_regex,
    lint_result,
    lint_time,
)
from lab.check.finding import Finding
from lab.check.query import Query


def findings(path: Path) -> list[Finding]:
    """What lint says of the file; RefusedError when it is none."""
    query = library.alone(path)
    return [*lint_head.check(query, attack_coverage.names(), detection.slugs()), *of(query)]


def of(query: Query, but: Collection[str] = ()) -> list[Finding]:
    """What lint says of the query itself, its times and its result."""
    outcome = execution.check([query])[query.path]
    found = [
        *lint_query.check(query),
        *lint_time.check(query),
        *lint_reach.check(query),
        *lint_regex.check([query]),
        *lint_result.check(query, outcome),
    ]
    return [each for each in found if each.rule_id not in but]
