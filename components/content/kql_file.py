"""A `.kql` file of ours: a YAML head in `// ` comments, then KQL that the portal takes as is."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.limits.kql_text import code_only
from components.limits.refusal import nearest, shown


class KqlFileError(ValueError):
    """A `.kql` file that cannot be used: one line a problem, each with file and line."""


@dataclass(frozen=True)
class KqlFile:
    """The two parts of a file; `lines` maps each key of the head to its line number."""

    path: Path
    head: dict[str, Any]
    lines: dict[str, int]
    body: str

    def where(self, key: str | None = None) -> str:
        """`file:line` of a key, or of the file's first line."""
        return f"{shown(self.path)}:{self.lines.get(key or '', 1)}"

    def unknown_keys(self, known: Iterable[str]) -> list[str]:
        """One message for each key of the head that is not in `known`."""
        known = list(known)
        return [
            f"key {key!r} is unknown; {nearest(key, known)} ({self.where(key)})"
            for key in self.head
            if key not in known
        ]


def read(path: Path) -> KqlFile:
    """Split a file at its first line that is no comment; KqlFileError when the head is no YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KqlFileError(f"{shown(path)} cannot be read; expected a UTF-8 file") from error
    rows = text.splitlines()
    height = next((i for i, row in enumerate(rows) if not row.startswith("//")), len(rows))
    head, lines = _head(path, "\n".join(row[2:].removeprefix(" ") for row in rows[:height]))
    body = "\n".join(rows[height:]).strip()
    if not code_only(body).strip():
        raise KqlFileError(f"the query is empty; expected KQL after the head ({shown(path)})")
    return KqlFile(path, head, lines, body)


# libyaml's loader is about eight times as fast; not every PyYAML is built with it.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _head(path: Path, text: str) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
            head = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise KqlFileError(
            f"the head is not YAML: {problem}; expected `// key: value` lines"
            f" ({shown(path)}:{line})"
        ) from error
    if not isinstance(head, dict) or not isinstance(node, yaml.MappingNode):
        raise KqlFileError(f"the head is missing; expected `// key: value` lines ({shown(path)}:1)")
    lines: dict[str, int] = {}
    for key_node, _ in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in lines:
            raise KqlFileError(f"key {key!r} stands twice; expected once ({shown(path)}:{line})")
        lines[key] = line
    return {str(key): value for key, value in head.items()}, lines
