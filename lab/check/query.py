"""A query under check: its file, its head, the functions it takes along, and where each word is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from components.content.kql_file import KqlFile
from components.content.kql_function import KqlFunction
from components.limits import kql_text
from components.limits.refusal import shown
from lab.check.finding import Finding

QueryKind = Literal["detection", "function", "hunting", "workbook"]


@dataclass(frozen=True)
class Source:
    """The text of a file, and where the query begins in it (characters from 0)."""

    path: str
    text: str
    start: int

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of a place in the query."""
        before = self.text[: self.start + offset]
        return before.count("\n") + 1, len(before) - before.rfind("\n")


@dataclass(frozen=True)
class Part:
    """A stretch of a rendered query: where it begins there, and whose text it is."""

    start: int
    length: int
    source: Source


@dataclass(frozen=True)
class Query:
    """One `.kql` file; `head` as it is written, sound or not.

    `statement` is the query with its functions. `runs_here` and `parses_here`: the lab has what it
    reads, and it is a query by itself. `known_tables`: what it could have named.
    """

    kind: QueryKind
    slug: str
    file: KqlFile
    source: Source
    functions: tuple[KqlFunction, ...]
    statement: str
    parts: tuple[Part, ...]
    known_tables: tuple[str, ...] = ()
    runs_here: bool = True
    parses_here: bool = True

    @property
    def path(self) -> str:
        """The file, from the project's root."""
        return self.source.path

    @property
    def head(self) -> Mapping[str, Any]:
        """The keys of the head."""
        return self.file.head

    @cached_property
    def code(self) -> str:
        """The body, comments and the insides of literals blank."""
        return kql_text.masked(self.file.body)

    @cached_property
    def whole_code(self) -> str:
        """The statement, comments and the insides of literals blank."""
        return kql_text.masked(self.statement)

    def texts(self, key: str) -> list[str]:
        """A list of the head, [] where it is missing or something else."""
        found = self.head.get(key)
        return [str(each) for each in found] if isinstance(found, list) else []

    def text(self, key: str) -> str:
        """A text of the head in one line, "" where it is missing."""
        return " ".join(str(self.head.get(key, "")).split())

    @property
    def measured(self) -> str | None:
        """The column that the head measures, None where it counts rows."""
        measure = self.head.get("measure")
        column = measure.get("column") if isinstance(measure, dict) else None
        return None if column is None else str(column)

    def at(self, offset: int, width: int, rule_id: str, what: str, instead: str) -> Finding:
        """A finding at a place in the body."""
        line, column = self.source.place(offset)
        return Finding(self.path, line, column, rule_id, what, instead, max(1, width))

    def at_statement(
        self, offset: int, width: int, rule_id: str, what: str, instead: str
    ) -> Finding:
        """A finding at a place in the statement, in the file that the place comes from."""
        for part in self.parts:
            if part.start <= offset <= part.start + part.length:
                line, column = part.source.place(offset - part.start)
                return Finding(part.source.path, line, column, rule_id, what, instead, width)
        return self.at_head("", rule_id, what, instead)

    def at_head(self, key: str, rule_id: str, what: str, instead: str) -> Finding:
        """A finding about a key of the head, or about the file."""
        return Finding(self.path, self.file.where(key).line, None, rule_id, what, instead)

    def words(self, name: str) -> Iterator[int]:
        """Where a name stands in the statement's code, most likely place first."""
        found = list(re.finditer(rf"(?<![\w$]){re.escape(name)}(?!\w)", self.whole_code))
        # A member of a dynamic value may have the same name; it is no column.
        members = [each for each in found if self.whole_code[: each.start()].endswith(".")]
        for each in [each for each in found if each not in members] + members:
            yield each.start()


def source_of(file: KqlFile) -> Source:
    """The text as `kql_file.read` takes it apart: the body is its end, white space aside."""
    text = "\n".join(Path(file.path).read_text(encoding="utf-8").splitlines()).rstrip()
    return Source(shown(file.path), text, len(text) - len(file.body))


def rendered(
    functions: tuple[KqlFunction, ...], sources: Mapping[str, Source], body: str, own: Source
) -> tuple[str, tuple[Part, ...]]:
    """The statement as Azure gets it, and whose text each stretch of it is."""
    text = ""
    parts = []
    for function in functions:
        let = function.as_let()
        inside = let.index(function.body, let.index("=") + 1)
        parts.append(Part(len(text) + inside, len(function.body), sources[function.name]))
        text += f"{let}\n"
    parts.append(Part(len(text), len(body), own))
    return text + body, tuple(parts)
