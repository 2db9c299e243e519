"""A `.kql` file of ours: a YAML head in `// ` comments, then KQL that the portal takes as is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from components.content import yaml_file
from components.content.yaml_file import Yaml
from components.limits.kql_text import code_only
from components.limits.refusal import Place, Refusal, RefusedError, shown

T = TypeVar("T")
_HEAD = "expected `// key: value` lines"


@dataclass(frozen=True)
class KqlFile:
    """The two parts of a file; its head knows the line of each key."""

    path: Path
    head: dict[str, Any]
    body: str
    source: Yaml

    def where(self, *keys: str | int) -> Place:
        """The place of a key, or of what lies below it; of the file's first line without any."""
        return self.source.where(*keys)

    def unknown_keys(self, known: Iterable[str]) -> list[Refusal]:
        """One refusal for each key of the head that is not in `known`."""
        return self.source.unknown_keys(known)

    def missing_keys(self, needed: Iterable[str], expected: str) -> list[Refusal]:
        """One refusal for each key that the head needs and does not have."""
        return [
            Refusal(self.where(key), "is missing", expected)
            for key in needed
            if key not in self.head
        ]


def read(path: Path) -> KqlFile:
    """Split a file at its first line that is no comment; RefusedError when the head is no YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        where = Place(shown(path))
        raise RefusedError(
            Refusal(where, "the file cannot be read", "expected a UTF-8 file")
        ) from error
    rows = text.splitlines()
    height = next((i for i, row in enumerate(rows) if not row.startswith("//")), len(rows))
    comments = "\n".join(row[2:].removeprefix(" ") for row in rows[:height])
    source = yaml_file.parse(comments, shown(path), _HEAD, "the head")
    if not isinstance(source.value, dict):
        raise RefusedError(Refusal(Place(shown(path), 1), "the head is missing", _HEAD))
    body = "\n".join(rows[height:]).strip()
    if not code_only(body).strip():
        where = Place(shown(path))
        raise RefusedError(Refusal(where, "the query is empty", "expected KQL after the head"))
    return KqlFile(path, {str(key): value for key, value in source.value.items()}, body, source)


def each_readable(folder: Path, read: Callable[[Path], T]) -> tuple[dict[str, T], list[Refusal]]:
    """What the files of a folder say, by slug, and what is wrong with those that say nothing."""
    found: dict[str, T] = {}
    refusals: list[Refusal] = []
    for path in sorted(folder.glob("*.kql")):
        try:
            found[path.stem] = read(path)
        except RefusedError as error:
            refusals += error.refusals
    return found, refusals
