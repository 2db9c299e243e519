"""In which line of a case's YAML each thing stands, for whoever has to mend it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml


@dataclass(frozen=True)
class CaseLines:
    """Lines, from 1: of the file's keys, and of the entries of those that are lists."""

    keys: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def place(self, where: str, key: str, number: int | None = None) -> str:
        """`where` (a file) with the line of a key, or of its `number`-th entry, if it is known."""
        entries = self.entries.get(key, ())
        if number is not None and number < len(entries):
            return f"{where}:{entries[number]}"
        return f"{where}:{self.keys[key]}" if key in self.keys else where


def read(text: str) -> tuple[Any, CaseLines]:
    """What the YAML says, and where; yaml.YAMLError when it is none."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()
    if not isinstance(node, yaml.MappingNode):
        return content, CaseLines()
    pairs = [(str(key.value), key, value) for key, value in node.value]
    return content, CaseLines(
        {name: key.start_mark.line + 1 for name, key, _ in pairs},
        {
            name: [each.start_mark.line + 1 for each in value.value]
            for name, _, value in pairs
            if isinstance(value, yaml.SequenceNode)
        },
    )
