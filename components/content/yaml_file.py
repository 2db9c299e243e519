"""YAML with the place of everything in it: the one reader of heads, cases, stacks, foreign rules.

PyYAML composes the nodes that a value is made from, each with its line, and does so in C; they are
kept beside the value and asked for a line only when something is refused.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from components.limits.refusal import Place, Refusal, RefusedError, nearest, shown

_QUOTED: Final = re.compile(r""" (['"])[^'"]*\w[^'"]*\1""")

# libyaml's loader is about eight times as fast; not every PyYAML is built with it.
_C_OR_PYTHON: Final[type[Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_C_OR_PYTHON):  # type: ignore[misc]
    """Times stay texts, so that one without its zone is read by our own rules."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

Step = str | int
"""A key of a mapping, or the number of an entry in a list, from 0."""


@dataclass(frozen=True)
class Yaml:
    """A value that a YAML text holds, and where it and everything inside it stands."""

    value: Any
    file: str
    path: str = ""
    """Keys and numbers that lead here from the top of the file: `events[0].event`."""
    node: yaml.Node | None = field(default=None, repr=False, compare=False)

    def where(self, *steps: Step) -> Place:
        """The place of what the steps lead to, or of as much of the way as there is."""
        line, node, path = _line(self.node), self.node, self.path
        for step in steps:
            named, node = _inside(node, step)
            line = _line(named) or line
            path = _joined(path, step)
        return Place(self.file, line, path)

    def at(self, *steps: Step) -> "Yaml":
        """The value that the steps lead to; KeyError or IndexError where there is none."""
        value, node, path = self.value, self.node, self.path
        for step in steps:
            value, path = value[step], _joined(path, step)
            _, node = _inside(node, step)
        return Yaml(value, self.file, path, node)

    def unknown_keys(self, known: Iterable[str]) -> list[Refusal]:
        """Of a mapping: one refusal for each key that is not known."""
        known = list(known)
        return [
            Refusal(self.where(str(key)), "is not a known key", nearest(str(key), known))
            for key in self.value
            if key not in known
        ]

    def mapping(self, known: Iterable[str]) -> dict[str, Any]:
        """The value, when it is a mapping and each of its keys is known; else RefusedError."""
        known = list(known)
        if not isinstance(self.value, dict):
            expected = f"expected keys {', '.join(known)}"
            raise RefusedError(Refusal(self.where(), "is not a mapping", expected, self.value))
        if refusals := self.unknown_keys(known):
            raise RefusedError(*refusals)
        return self.value


def read(path: Path, expected: str = "expected YAML") -> Yaml:
    """What a file says; RefusedError where it is not YAML, FileNotFoundError without one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise
    except OSError as error:
        what = f"the file cannot be read: {error.strerror}"
        raise RefusedError(Refusal(Place(shown(path)), what, expected)) from error
    except UnicodeDecodeError as error:
        where = Place(shown(path))
        raise RefusedError(Refusal(where, "the file is not UTF-8", expected)) from error
    return parse(text, shown(path), expected)


def parse(text: str, file: str, expected: str = "expected YAML", what: str = "the file") -> Yaml:
    """What a text says; RefusedError where it is not YAML, or has a key twice.

    No word of a value is told: it may be a password.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if refusals := list(_doubles(node, file, set())):
            raise RefusedError(*refusals)
        value = None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = _QUOTED.sub("", getattr(error, "problem", None) or "it cannot be parsed")
        # What is missing at the end is missed below the last line.
        line = min(mark.line, len(text.splitlines()) - 1) + 1 if mark else 1
        where = Place(file, max(line, 1))
        raise RefusedError(Refusal(where, f"{what} is not YAML: {problem}", expected)) from error
    finally:
        loader.dispose()
    return Yaml(value, file, node=node)


def _doubles(node: yaml.Node | None, file: str, seen: set[int]) -> Iterator[Refusal]:
    """Keys that stand twice, of which a loader would take the last without a word."""
    if node is None or isinstance(node, yaml.ScalarNode) or id(node) in seen:
        return
    seen.add(id(node))  # an alias may lead round in a circle
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _doubles(each, file, seen)
        return
    keys = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in keys:
                yield Refusal(Place(file, _line(key), key.value), "stands twice", "expected once")
            keys.add((key.tag, key.value))
        yield from _doubles(value, file, seen)


def _line(node: yaml.Node | None) -> int | None:
    return None if node is None else node.start_mark.line + 1


def _inside(node: yaml.Node | None, step: Step) -> tuple[yaml.Node | None, yaml.Node | None]:
    """What names the step, the key or the entry itself, and the value there; None for neither."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None, None


def _joined(path: str, step: Step) -> str:
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step
