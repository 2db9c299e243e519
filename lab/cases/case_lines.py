"""In which line of a case's YAML each thing stands, for whoever has to mend it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

_FILE: Final = re.compile(r"^(.*?\.\w+)(?::\d+)?(?=$|[:,])")
_DEPTH: Final = 4
"""File, entry, event and its values; an alias in YAML may lead round in a circle."""
Within = Mapping[tuple[str, int | None], "CaseLines"]


@dataclass(frozen=True)
class CaseLines:
    """Lines, from 1: of the keys of a mapping, and of the entries of those that are lists."""

    keys: Mapping[str, int] = field(default_factory=dict)
    entries: Mapping[str, Sequence[int]] = field(default_factory=dict)
    inner: Within = field(default_factory=dict)
    """By key, and number of the entry in a list: those of the mapping there."""

    def place(self, where: str, key: str, number: int | None = None) -> str:
        """`where` with the line of a key, or of its `number`-th entry, if it is known.

        `where` begins with a file and may have a line of its own, which is the less exact one.
        """
        line = self.keys.get(key)
        entries = self.entries.get(key, ())
        if number is not None and number < len(entries):
            line = entries[number]
        return where if line is None else _FILE.sub(rf"\g<1>:{line}", where)

    def within(self, key: str, number: int | None = None) -> "CaseLines":
        """The lines of the mapping that stands under a key or is an entry of its list."""
        return self.inner.get((key, number), CaseLines())


def read(text: str) -> tuple[Any, CaseLines]:
    """What the YAML says, and where; yaml.YAMLError when it is none."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()
    return content, _lines(node)


def _lines(node: yaml.Node | None, depth: int = _DEPTH) -> CaseLines:
    if not isinstance(node, yaml.MappingNode) or not depth:
        return CaseLines()
    keys: dict[str, int] = {}
    entries: dict[str, list[int]] = {}
    inner: dict[tuple[str, int | None], CaseLines] = {}
    for key, value in node.value:
        name = str(key.value)
        keys[name] = key.start_mark.line + 1
        inner[name, None] = _lines(value, depth - 1)
        if isinstance(value, yaml.SequenceNode):
            entries[name] = [each.start_mark.line + 1 for each in value.value]
            inner |= {
                (name, number): _lines(each, depth - 1) for number, each in enumerate(value.value)
            }
    return CaseLines(keys, entries, inner)
