"""Lint of the proof of detections: cases that can be read and are enough, and an attack."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from components.content import detection
from components.content.log_columns import TABLES
from components.content.places import ROOT
from components.limits.refusal import Place, Refusal, RefusedError, nearest, shown
from lab.cases import boundaries, case_file
from lab.cases.boundary_seed import NOT_CASES
from lab.cases.case_pattern import CaseRow
from lab.check.finding import Finding, of_refusal
from lab.check.query import Query
from lab.logs.log_row import converted

ATTACKS: Final = ROOT / "traffic" / "attacks"
FAULTS: Final = ROOT / "lab" / "play" / "faults"
FIRES: Final = 2
SILENT: Final = 3
MEASURES: Final = 2
RATIO: Final = 1.5

_LEARNT: Final = "dynamic"
_WHEN: Final = datetime(2026, 1, 5, tzinfo=UTC)


def check(queries: Sequence[Query], cases: Path, scenarios: Sequence[Path]) -> list[Finding]:
    """What is wrong with the cases of detections, and with what makes them fire in a rehearsal.

    `scenarios` are the folders of attacks and of faults.
    """
    found = [each for query in queries for each in _cases(query, cases / query.slug)]
    return found + [each for query in queries for each in _attack(query, scenarios)]


def strays(slugs: Collection[str], cases: Path) -> list[Finding]:
    """Folders of cases whose detection does not exist."""
    return [
        Finding(
            shown(path),
            None,
            None,
            "stray-cases",
            f"detection {path.name!r} does not exist",
            nearest(path.name, slugs),
        )
        for path in sorted(cases.iterdir())
        if path.is_dir() and path.name not in slugs and not path.name.startswith("__")
    ]


def _cases(query: Query, folder: Path) -> Iterator[Finding]:
    paths = sorted(folder.glob("*.*"))
    names = [path.name for path in paths]
    fires, silent, measures = (
        sum(name.startswith(f"{kind}_") for name in names)
        for kind in ("fires", "silent", "measures")
    )
    # What Azure learns by itself has no boundary and cannot be made to fire: it is measured.
    lacking = (
        _lacks([(measures, MEASURES, "measures_")])
        if is_dynamic(query)
        else _lacks([(fires, FIRES, "fires_"), (silent, SILENT, "silent_")])
    )
    if not is_dynamic(query) and boundaries.FILE not in names:
        lacking.append(f"no {boundaries.FILE}")
    if lacking:
        what, instead = f"there are {', '.join(lacking)}", f"expected them in {shown(folder)}"
        yield query.at_head("", "missing-cases", what, instead)
    elif silent < RATIO * fires:
        what = f"{silent} silent cases stand against {fires} that fire"
        yield query.at_head("", "few-silent-cases", what, f"expected {_enough(fires)} or more")
    for path in paths:
        if path.name == boundaries.FILE:
            yield from _boundary(query, folder)
        elif path.name not in NOT_CASES:
            yield from _case(path, query.slug)


def is_dynamic(query: Query) -> bool:
    """Whether Azure learns the threshold by itself."""
    return query.head.get("threshold") == _LEARNT


def _lacks(kinds: Sequence[tuple[int, int, str]]) -> list[str]:
    return [f"{there} {kind} cases of {wanted}" for there, wanted, kind in kinds if there < wanted]


def _enough(fires: int) -> int:
    return -int(-RATIO * fires // 1)


def _case(path: Path, slug: str) -> Iterator[Finding]:
    try:
        case = case_file.load(path, slug)
    except RefusedError as error:
        yield from (of_refusal("bad-case", each, shown(path)) for each in error.refusals)
        return
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        yield Finding(shown(path), None, None, "bad-case", what, "expected a file in UTF-8")
        return
    yield from _misfits(case.rows, path)


def _boundary(query: Query, folder: Path) -> Iterator[Finding]:
    path = folder / boundaries.FILE
    try:
        found = detection.read(query.file.path, {each.name: each for each in query.functions})
    except RefusedError:
        return  # the head is a finding already, and boundaries are made from it
    try:
        generated = boundaries.generate(found, folder)
    except RefusedError as error:
        yield from (of_refusal("bad-case", each, shown(path)) for each in error.refusals)
        return
    yield from _misfits([row for each in generated for row in each.rows], path)


def _misfits(rows: Iterable[CaseRow], path: Path) -> Iterator[Finding]:
    # Rows of one pattern have one form: the first of each form speaks for the others.
    forms: dict[tuple[str, ...], CaseRow] = {}
    for row in rows:
        if not row.event:
            forms.setdefault((row.table, *map(str, row.values)), row)
    for row in forms.values():
        for refusal in _misfit(row):
            told = of_refusal("bad-case", row.refused(refusal, shown(path)), shown(path))
            yield _pinned(told, row.table if row.table not in TABLES else refusal.where.key, path)


def _misfit(row: CaseRow) -> tuple[Refusal, ...]:
    if row.table not in TABLES:
        where, expected = Place(key="_table"), nearest(row.table, TABLES)
        return (Refusal(where, "is not a log table", expected, row.table),)
    try:
        converted(
            row.table,
            TABLES[row.table],
            {"TimeGenerated": _WHEN, **{str(name): value for name, value in row.values.items()}},
        )
    except RefusedError as error:
        return error.refusals
    return ()


def _pinned(finding: Finding, name: str, path: Path) -> Finding:
    """With the place at which a name stands first, from the line of the finding on."""
    first = finding.line or 1
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[first - 1 :]
    except (OSError, UnicodeDecodeError):
        return finding
    for number, line in enumerate(lines, start=first):
        if found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line):
            return replace(finding, line=number, column=found.start() + 1, width=len(name))
    return finding


def _attack(query: Query, scenarios: Sequence[Path]) -> Iterator[Finding]:
    paths = [folder / f"{query.slug}.py" for folder in scenarios]
    # A rehearsal cannot bring about what Azure alone writes, such as its own activity log.
    on_app = any(table.startswith("AppService") for table in query.texts("tables"))
    if on_app and not is_dynamic(query) and not any(path.is_file() for path in paths):
        what = f"nothing makes {query.slug} fire in a rehearsal"
        instead = f"expected {' or '.join(shown(path) for path in paths)}"
        yield query.at_head("", "missing-attack", what, instead)
