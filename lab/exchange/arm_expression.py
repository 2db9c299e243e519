"""Template expressions of ARM: what `[parameters('limit')]` and its like come to.

Of the functions only those that a value of an alert rule is made with, as Bicep writes them too;
Microsoft, "ARM template functions".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),.\[\]]))"
)
_HOLE: Final = re.compile(r"\{(\d+)\}")


class UnknownValueError(Exception):
    """An expression that needs what a file does not say."""


class Expressions:
    """The parameters (their defaults) and variables of one template."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._parameters = template.get("parameters") or {}
        self._variables = template.get("variables") or {}
        self._open: list[str] = []

    def value(self, given: Any) -> Any:
        """A value with every expression in it resolved; UnknownValueError where one cannot be."""
        if isinstance(given, Mapping):
            return {key: self.value(each) for key, each in given.items()}
        if isinstance(given, list):
            return [self.value(each) for each in given]
        if not isinstance(given, str) or not (given.startswith("[") and given.endswith("]")):
            return given
        return given[1:] if given.startswith("[[") else _Reader(given[1:-1], self).whole()

    def call(self, name: str, arguments: Sequence[Any]) -> Any:
        """What a function gives."""
        known: dict[str, Callable[..., Any]] = {
            "parameters": self._parameter,
            "variables": self._variable,
            "concat": _concat,
            "format": _format,
            "string": str,
            "int": int,
            "createarray": lambda *each: list(each),
            "tolower": lambda text: str(text).lower(),
            "toupper": lambda text: str(text).upper(),
            "replace": lambda text, old, new: str(text).replace(old, new),
        }
        if name.lower() not in known:
            raise UnknownValueError(f"{name}()")
        try:
            return known[name.lower()](*arguments)
        except (TypeError, ValueError, IndexError) as error:
            raise UnknownValueError(f"{name}()") from error

    def _parameter(self, name: str) -> Any:
        entry = self._parameters.get(name)
        if not isinstance(entry, Mapping) or "defaultValue" not in entry:
            raise UnknownValueError(f"parameter {name!r}, which has no default")
        return self._inside(f"parameter {name!r}", entry["defaultValue"])

    def _variable(self, name: str) -> Any:
        if name not in self._variables:
            raise UnknownValueError(f"variable {name!r}")
        return self._inside(f"variable {name!r}", self._variables[name])

    def _inside(self, what: str, given: Any) -> Any:
        if what in self._open:
            raise UnknownValueError(f"{what}, which is made of itself")
        self._open.append(what)
        try:
            return self.value(given)
        finally:
            self._open.pop()


class _Reader:
    """One expression, read from left to right."""

    def __init__(self, text: str, functions: Expressions) -> None:
        self._text, self._at, self._functions = text, 0, functions

    def whole(self) -> Any:
        found = self._value()
        if self._text[self._at :].strip():
            raise UnknownValueError(self._text)
        return found

    def _value(self) -> Any:
        kind, word = self._next()
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if kind == "number":
            return int(word)
        if kind != "word" or not self._takes("("):
            raise UnknownValueError(self._text)
        found = self._functions.call(word, self._arguments())
        while self._takes("."):
            _, name = self._next()
            if not isinstance(found, Mapping) or name not in found:
                raise UnknownValueError(self._text)
            found = found[name]
        return found

    def _arguments(self) -> list[Any]:
        found: list[Any] = []
        while not self._takes(")"):
            if found and not self._takes(","):
                raise UnknownValueError(self._text)
            found.append(self._value())
        return found

    def _next(self) -> tuple[str, str]:
        token = _TOKEN.match(self._text, self._at)
        if token is None or token.lastgroup is None:
            raise UnknownValueError(self._text)
        self._at = token.end()
        return token.lastgroup, token[token.lastgroup]

    def _takes(self, sign: str) -> bool:
        token = _TOKEN.match(self._text, self._at)
        if token is None or token["sign"] != sign:
            return False
        self._at = token.end()
        return True


def _concat(*parts: Any) -> Any:
    if parts and all(isinstance(each, list) for each in parts):
        return [each for part in parts for each in part]
    return "".join(str(each) for each in parts)


def _format(text: str, *values: Any) -> str:
    """As in .NET: `{0}` is a hole, `{{` a brace."""
    marked = text.replace("{{", "\0").replace("}}", "\1")
    filled = _HOLE.sub(lambda hole: str(values[int(hole[1])]), marked)
    return filled.replace("\0", "{").replace("\1", "}")
