"""Where a stack's file says what: the line of a key, or of a value inside it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_UNKNOWN: Final = object()


class StackFile:
    """`Pulumi.<stack>.yaml`, for the places in messages; the values come from the engine."""

    def __init__(self, file: Path, nodes: Mapping[str, tuple[yaml.Node, yaml.Node]]) -> None:
        self._file, self._nodes = file, nodes

    @classmethod
    def of(cls, folder: Path | None, stack: str) -> "StackFile":
        """Of the project in `folder`; a file that is not there or cannot be read has no places."""
        file = (folder or Path()) / f"Pulumi.{stack}.yaml"
        try:
            root = (
                yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader) if folder else None
            )
        except (OSError, ValueError, yaml.YAMLError):
            root = None
        config = _entries(root).get("config")
        return cls(file, _entries(config[1]) if config else {})

    def place(self, key: str, path: str, text: str | None) -> str:
        """`Pulumi.dev.yaml:7` of a path inside a full key, as far as the file goes.

        Empty where the value is not the file's: a default, or given to the engine in another way.
        """
        entry = self._nodes.get(key)
        if entry is None or not _says(entry[1], text):
            return ""
        name, value = entry
        for step in _STEP.finditer(path):
            inside = _inside(value, step[1], step[2])
            if inside is None:
                break
            name, value = inside
        return f"{self._file.name}:{name.start_mark.line + 1}"


def _entries(node: object) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Key and value of each entry, by the key's text."""
    node = node[1] if isinstance(node, tuple) else node
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(name.value): (name, value) for name, value in node.value}


def _inside(
    node: yaml.Node, name: str | None, number: str | None
) -> tuple[yaml.Node, yaml.Node] | None:
    if name is not None:
        return _entries(node).get(name)
    entries = node.value if isinstance(node, yaml.SequenceNode) else []
    index = int(number or 0)
    return (entries[index], entries[index]) if index < len(entries) else None


def _says(node: yaml.Node, text: str | None) -> bool:
    """Whether the file's value is the one that the engine gave; what is encrypted may be."""
    if text is None:
        return True
    value = _value(node)
    if value is _UNKNOWN or "secure" in json.dumps(value, default=str):
        return True
    try:
        given = json.loads(text)
    except ValueError:
        given = text
    return text == str(value) or given == json.loads(json.dumps(value, default=str))


def _value(node: yaml.Node) -> object:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    except yaml.YAMLError:
        return _UNKNOWN
    finally:
        loader.dispose()
