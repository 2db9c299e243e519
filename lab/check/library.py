"""Reads every query of `kql/`; a file that cannot be read is a finding, the rest is still read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from components.content import (
    detection,
    detection_head,
    hunting_query,
    kql_file,
    kql_function,
    places,
)
from components.content import workbook_tile as tile
from components.content.kql_file import KqlFile
from components.content.kql_function import KqlFunction
from components.content.log_columns import TABLES
from components.limits.refusal import Refusal, RefusedError, shown
from lab.check.finding import Finding, of_refusal
from lab.check.query import Query, QueryKind, Source, rendered, source_of

_FOLDERS: Final[dict[QueryKind, str]] = {
    "function": "functions",
    "detection": "detections",
    "hunting": "hunting",
    "workbook": "workbooks",
}


@dataclass
class Library:
    """What could be read, every file that was looked at, and what is wrong with the others."""

    queries: list[Query] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    slugs: dict[QueryKind, list[str]] = field(default_factory=dict)

    def of(self, kind: QueryKind) -> list[Query]:
        """The queries of one folder."""
        return [each for each in self.queries if each.kind == kind]


def read(kql: Path = places.KQL) -> Library:
    """The library below a folder such as `kql/`."""
    library = Library()
    files: list[tuple[QueryKind, KqlFile]] = []
    for kind, folder in _FOLDERS.items():
        paths = sorted((kql / folder).glob("*.kql"))
        library.slugs[kind] = [path.stem for path in paths]
        for path in paths:
            library.files.append(shown(path))
            try:
                files.append((kind, kql_file.read(path)))
            except RefusedError as error:
                library.findings += _refused("unreadable-file", error.refusals, path)
    functions = _functions([file for kind, file in files if kind == "function"])
    sources = {file.path.stem: source_of(file) for kind, file in files if kind == "function"}
    known = (*TABLES, *(each.name for each in functions.values() if not each.parameters))
    for kind, file in files:
        try:
            used = kql_function.used_by(file.body, functions)
        except RefusedError as error:
            library.findings += _refused("unreadable-file", error.refusals, file.path)
            continue
        library.queries.append(_query(kind, file, used, sources, known))
    library.findings += _bad_heads(kql, library.queries, functions)
    return library


def alone(path: Path) -> Query:
    """A detection's file that lies elsewhere, with the library's functions; RefusedError."""
    file = kql_file.read(path)
    used = kql_function.used_by(file.body, kql_function.load_all())
    paths = [places.KQL / _FOLDERS["function"] / f"{each.name}.kql" for each in used]
    sources = {each.stem: source_of(kql_file.read(each)) for each in paths}
    return _query("detection", file, used, sources, tuple(TABLES))


def _functions(files: Iterable[KqlFile]) -> dict[str, KqlFunction]:
    # Whatever its head says otherwise, a query can take a function along by its body.
    return {
        file.path.stem: KqlFunction(
            file.path.stem,
            str(file.head.get("parameters", "")),
            file.body.rstrip(";"),
            str(file.head.get("description", "")),
        )
        for file in files
    }


def _query(
    kind: QueryKind,
    file: KqlFile,
    used: tuple[KqlFunction, ...],
    sources: dict[str, Source],
    known: tuple[str, ...],
) -> Query:
    own = source_of(file)
    statement, parts = rendered(used, sources, file.body, own)
    alone = kind != "function" or not file.head.get("parameters")
    on_logs = file.head.get("source", "logs") == "logs"
    return Query(
        kind,
        file.path.stem,
        file,
        own,
        used,
        statement,
        parts,
        known,
        runs_here=alone and on_logs and not file.head.get("only_in_azure"),
        parses_here=alone and on_logs,
    )


def _bad_heads(
    kql: Path, queries: Sequence[Query], functions: dict[str, KqlFunction]
) -> list[Finding]:
    found: list[Finding] = []
    for query in queries:
        try:
            if query.kind == "detection":
                found += _detection_head(query, functions)
            elif query.kind == "hunting":
                hunting_query.read(query.file.path, functions)
            elif query.kind == "workbook":
                tile.read(query.file.path, functions)
        except RefusedError as error:
            found += _refused("bad-head", error.refusals, query.file.path)
    try:
        kql_function.load_all(kql / _FOLDERS["function"])
    except RefusedError as error:
        heads = {query.path for query in queries if query.kind == "function"}
        messages = _refused("bad-head", error.refusals, kql / _FOLDERS["function"])
        found += [each for each in messages if each.path in heads]
    return found


def _detection_head(query: Query, functions: dict[str, KqlFunction]) -> list[Finding]:
    refusals = detection_head.refusals(query.file)
    if not refusals:
        try:
            detection.read(query.file.path, functions)
        except RefusedError as error:
            # What the query itself has that Azure refuses is told by its place there.
            refusals = [each for each in error.refusals if each.where.key != "query"]
    return _refused("bad-head", refusals, query.file.path)


def _refused(rule_id: str, refusals: Iterable[Refusal], path: Path) -> list[Finding]:
    return [of_refusal(rule_id, each, shown(path)) for each in refusals]
