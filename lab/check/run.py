"""All checks over the library, or over some of its queries."""

import subprocess
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.content import attack_coverage, places
from components.content.places import CASES
from components.limits.refusal import NOWHERE, Refusal, RefusedError, nearest, shown
from lab.check import (
    allowance,
    execution,
    library,
    lint_cases,
    lint_head,
    lint_query,
    lint_reach,
    lint_regex,
    lint_result,
    lint_time,
    microsoft,
)
from lab.check.execution import Outcome
from lab.check.finding import Finding, in_order
from lab.check.library import Library
from lab.check.query import Query
from lab.check.rule import CHECKS, Check

FAILED: Final = 1
WRONG: Final = 2

_ELSEWHERE: Final = "it is no query by itself, or reads what is no log table"
_NAMES: Final = ("unknown-column", "unknown-table")


@dataclass(frozen=True)
class Report:
    """Findings by file and place, the files that were looked at, and what could not be done."""

    findings: list[Finding]
    files: list[str]
    notices: list[str]
    not_run: dict[tuple[str, Check], str]
    """Why a check was not made of a file."""

    @property
    def exit_code(self) -> int:
        """2 where a file could not be used as it is, 1 with another error, 0 otherwise."""
        if any(each.rule.check == "read" for each in self.findings):
            return WRONG
        return FAILED if any(each.rule.severity == "error" for each in self.findings) else 0


@dataclass(frozen=True)
class Places:
    """Where the library lies; a test has its own."""

    kql: Path = places.KQL
    cases: Path = CASES
    attacks: Path = lint_cases.ATTACKS
    faults: Path = lint_cases.FAULTS


def check(slugs: Sequence[str] = (), places: Places | None = None) -> Report:
    """The report on the whole library, or on what has one of the slugs.

    RefusedError for a slug that no file of the library has.
    """
    places = places or Places()
    read = library.read(places.kql)
    _refuse_unknown(slugs, read)
    chosen = [each for each in read.queries if not slugs or each.slug in slugs]
    refused, outcomes, notices = _engines(chosen)
    found = [
        *read.findings,
        *_merged(refused, outcomes, lint_regex.check(chosen)),
        *_lint(chosen, read, outcomes),
        *lint_cases.check(
            [each for each in chosen if each.kind == "detection"],
            places.cases,
            (places.attacks, places.faults),
        ),
    ]
    if not slugs:
        sources = [each for each in read.of("function") if each.head.get("source")]
        found += lint_head.unused(
            [each for each in read.of("function") if each not in sources],
            [each for query in (*_users(read), *sources) for each in query.functions],
        )
        if places.cases.is_dir():
            found += lint_cases.strays(read.slugs["detection"], places.cases)
    found = allowance.apply(chosen, found)
    files = _files(read, chosen, slugs)
    kept = [each for each in found if not slugs or _concerns(each, files, slugs, places.cases)]
    not_run = _not_run(files, chosen, notices)
    return Report(in_order(kept), files, notices, not_run)


def _refuse_unknown(slugs: Sequence[str], read: Library) -> None:
    known = {slug for each in read.slugs.values() for slug in each}
    unknown = [
        Refusal(NOWHERE, f"slug {slug!r} is unknown", nearest(slug, known))
        for slug in dict.fromkeys(slugs)
        if slug not in known
    ]
    if unknown:
        raise RefusedError(*unknown)


def _engines(
    chosen: Sequence[Query],
) -> tuple[dict[str, list[Finding]], dict[str, Outcome], list[str]]:
    """Both engines side by side: refusals of Microsoft's, outcomes of the lab's, notices."""
    modules = microsoft.modules()
    runnable = [each for each in chosen if each.runs_here]
    if modules is None:
        return {}, execution.check(runnable), [microsoft.MISSING]
    with ThreadPoolExecutor(max_workers=1) as pool:
        parsed = pool.submit(
            microsoft.check, [each for each in chosen if each.parses_here], modules
        )
        try:
            outcomes = execution.check(runnable)
            parsed.exception()
        except BaseException:
            microsoft.end()  # the pool would wait for it
            raise
        try:
            return parsed.result(), outcomes, []
        except (subprocess.SubprocessError, OSError, ValueError):
            return {}, outcomes, [microsoft.BROKEN]


def _not_run(
    files: Sequence[str], chosen: Sequence[Query], notices: Sequence[str]
) -> dict[tuple[str, Check], str]:
    readable = {each.path: each for each in chosen}
    reasons: dict[tuple[str, Check], str] = {}
    for path in files:
        query = readable.get(path)
        if query is None:
            absent = "only what uses it was asked for, or it could not be read"
            reasons |= {(path, check): absent for check in CHECKS if check != "read"}
            continue
        if notices or not query.parses_here:
            reasons[path, "parser"] = notices[0] if notices else _ELSEWHERE
        if not query.runs_here:
            reasons[path, "execution"] = str(query.head.get("only_in_azure") or _ELSEWHERE)
    return reasons


def _merged(
    refused: dict[str, list[Finding]], outcomes: dict[str, Outcome], patterns: list[Finding]
) -> list[Finding]:
    """What two engines say of one thing is said once."""
    found = [*patterns, *(each for findings in refused.values() for each in findings)]
    with_pattern = {each.path for each in patterns}
    for path, outcome in outcomes.items():
        said = refused.get(path, [])
        if any(each.rule_id == "query-does-not-parse" for each in said):
            continue
        names = {each.what for each in said}
        lines = {each.line for each in outcome.findings if each.rule_id == "kusto-refuses"}
        for each in said:
            if each.rule_id == "microsoft-refuses" and each.line in lines:
                found.remove(each)
        for each in outcome.findings:
            is_pattern = each.rule_id == "translator-refuses" and path in with_pattern
            if not is_pattern and not (each.rule_id in _NAMES and each.what in names):
                found.append(each)
    return found


def _lint(chosen: Sequence[Query], read: Library, outcomes: dict[str, Outcome]) -> list[Finding]:
    known = attack_coverage.names()
    found: list[Finding] = []
    for query in chosen:
        found += lint_head.check(query, known, read.slugs["detection"])
        if query.kind != "detection":
            continue
        found += lint_query.check(query)
        found += lint_time.check(query)
        found += lint_reach.check(query)
        found += lint_result.check(query, outcomes.get(query.path))
    return found


def _users(read: Library) -> list[Query]:
    return [each for each in read.queries if each.kind != "function"]


def _files(read: Library, chosen: Sequence[Query], slugs: Sequence[str]) -> list[str]:
    if not slugs:
        return read.files
    parts = {part.source.path for query in chosen for part in query.parts}
    return [path for path in read.files if Path(path).stem in slugs or path in parts]


def _concerns(finding: Finding, files: Collection[str], slugs: Sequence[str], cases: Path) -> bool:
    own = [f"{shown(cases / slug)}/" for slug in slugs]
    return finding.path in files or any(finding.path.startswith(folder) for folder in own)
