"""Expressions of workflow definitions: `@concat(...)`, `text @{...} text`, `@@` for an at sign.

"Workflow Definition Language schema reference", section Expressions (learn.microsoft.com). A
property of nothing is an error, unless it is asked for with a question mark.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from lab.azure.logic.functions import FUNCTIONS, ExpressionError

CONTEXT: Final = ("body", "item", "outputs", "parameters", "triggerBody", "utcNow", "variables")
"""Functions that depend on the run."""

Context = Mapping[str, Callable[..., Any]]
_Node = Callable[[Context], Any]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>[?\[\](),.}]))"
)
_WORDS: Final = {"true": True, "false": False, "null": None}


def evaluate(value: Any, context: Context) -> Any:
    """The value with every expression in it replaced by what it comes to."""
    if isinstance(value, Mapping):
        return {key: evaluate(each, context) for key, each in value.items()}
    if isinstance(value, list):
        return [evaluate(each, context) for each in value]
    return _compiled(value)(context) if isinstance(value, str) else value


def complaints(value: Any) -> Iterator[str]:
    """What cannot be read in a definition, or calls a function that is not modelled."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from complaints(each)
    elif isinstance(value, list):
        for each in value:
            yield from complaints(each)
    elif isinstance(value, str):
        try:
            _compiled(value)
        except ExpressionError as error:
            yield f"{error} in {value!r}"


def _compiled(text: str) -> _Node:
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        parser = _Parser(text, 1)
        whole = parser.expression()
        if parser.rest.strip():
            raise ExpressionError(f"{parser.rest.strip()!r} is left over")
        return whole
    parts: list[str | _Node] = []
    at = 0
    for_at = re.compile(r"@@|@\{")
    while found := for_at.search(text, at):
        parts.append(text[at : found.start()])
        if found[0] == "@@":
            parts.append("@")
            at = found.end()
        else:
            parser = _Parser(text, found.end())
            parts.append(parser.expression())
            parser.expect("}")
            at = parser.at
    parts.append(text[at:])
    return lambda context: "".join(
        each if isinstance(each, str) else as_text(each(context)) for each in parts
    )


def as_text(value: Any) -> str:
    """As it stands in the middle of a text."""
    if value is None:
        return ""
    if isinstance(value, str | bool | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Parser:
    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    @property
    def rest(self) -> str:
        return self._text[self.at :]

    def expect(self, mark: str) -> None:
        found = self._take()
        if found != ("mark", mark):
            raise ExpressionError(f"{mark!r} is missing")

    def expression(self) -> _Node:
        """A value, and the properties that are asked of it."""
        node = self._value()
        while True:
            kind, mark = self._peek()
            if kind != "mark" or mark not in ("?", "[", "."):
                return node
            self._take()
            lenient = mark == "?"
            if lenient:
                _, mark = self._take()
            if mark == "[":
                key = self.expression()
                self.expect("]")
            elif mark == ".":
                key = _constant(self._take()[1])
            else:
                raise ExpressionError("a property is missing")
            node = _property(node, key, lenient)

    def _value(self) -> _Node:
        kind, word = self._take()
        if kind == "text":
            return _constant(word[1:-1].replace("''", "'"))
        if kind == "number":
            return _constant(float(word) if "." in word else int(word))
        if kind == "name" and self._peek() == ("mark", "("):
            return self._call(word)
        if kind == "name" and word.lower() in _WORDS:
            return _constant(_WORDS[word.lower()])
        raise ExpressionError(f"{word!r} is no value")

    def _call(self, name: str) -> _Node:
        self.expect("(")
        arguments: list[_Node] = []
        if self._peek() != ("mark", ")"):
            arguments.append(self.expression())
            while self._peek() == ("mark", ","):
                self._take()
                arguments.append(self.expression())
        self.expect(")")
        if name in CONTEXT:
            return lambda context: context[name](*(each(context) for each in arguments))
        function = FUNCTIONS.get(name)
        if function is None:
            raise ExpressionError(f"function {name} is not modelled")
        return lambda context: _applied(name, function, [each(context) for each in arguments])

    def _peek(self) -> tuple[str, str]:
        found = _TOKEN.match(self._text, self.at)
        if found is None or found.lastgroup is None:
            return "", ""
        return found.lastgroup, found[found.lastgroup]

    def _take(self) -> tuple[str, str]:
        found = _TOKEN.match(self._text, self.at)
        if found is None or found.lastgroup is None:
            raise ExpressionError(f"{self.rest[:20]!r} cannot be read")
        self.at = found.end()
        return found.lastgroup, found[found.lastgroup]


def _applied(name: str, function: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        return function(*arguments)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise ExpressionError(f"{name}(…) cannot be worked out: {error}") from error


def _constant(value: Any) -> _Node:
    return lambda context: value


def _property(of: _Node, key: _Node, lenient: bool) -> _Node:
    def look(context: Context) -> Any:
        holder, wanted = of(context), key(context)
        try:
            return holder[int(wanted) if isinstance(holder, list) else wanted]
        except (KeyError, IndexError, TypeError) as error:
            if lenient and (holder is None or isinstance(holder, Mapping | list)):
                return None
            raise ExpressionError(f"there is no property {wanted!r}") from error

    return look
