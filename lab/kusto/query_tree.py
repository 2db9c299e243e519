"""The syntax tree of a KQL text: kinds of nodes, and where in the text they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb_kql
from duckdb_kql.errors import KqlError

from lab.kusto.engine import KustoError


@dataclass(frozen=True)
class Node:
    """A piece of the text, `text[start:end]`; `kind` is the grammar's name for it.

    A rule that only stands for one other rule is left out: `a and b` is a LogicalAndExpression
    whatever it is part of.
    """

    kind: str
    start: int
    end: int
    line: int
    children: tuple["Node", ...]

    def walk(self) -> Iterator["Node"]:
        """The node itself and all below it, in the order of the text."""
        yield self
        for child in self.children:
            yield from child.walk()

    def of(self, kind: str) -> list["Node"]:
        """The children of a kind."""
        return [child for child in self.children if child.kind == kind]


@dataclass(frozen=True)
class Pipeline:
    """A source and the operators behind it; `name` is the `let` that holds it, "" for the last."""

    name: str
    source: Node
    operators: tuple[Node, ...]
    begins: int
    """Where its statement begins: what it may name stands before."""


def parse(kql: str) -> Node:
    """The tree of a whole query; KustoError when it is no KQL."""
    try:
        tree = duckdb_kql.parse(kql).tree
    except KqlError as error:
        raise KustoError(f"the query is refused: {str(error)[:300]}") from error
    return _node(tree)


def pipelines(tree: Node, kql: str) -> list[Pipeline]:
    """Every pipeline of rows that a `let` holds, in order, and at the end the query's own."""
    found: list[Pipeline] = []
    for statement in tree.children:
        if statement.kind == "LetVariableDeclaration":
            name, value = statement.children[1], statement.children[-1]
            if value.kind == "PipeExpression":
                found.append(_pipeline(kql[name.start : name.end], value, statement.start))
        elif statement.kind not in ("", "LetFunctionDeclaration"):
            found.append(_pipeline("", statement, statement.start))
    return found


def _pipeline(name: str, value: Node, begins: int) -> Pipeline:
    operators = tuple(value.of("PipedOperator")) if value.kind == "PipeExpression" else ()
    source = value.children[0] if operators else value
    return Pipeline(name, source, operators, begins)


def _node(tree: Any) -> Node:
    children = tuple(getattr(tree, "children", None) or ())
    while len(children) == 1 and getattr(children[0], "children", None):
        tree, children = children[0], tuple(children[0].children)
    if not children:
        token = getattr(tree, "symbol", None) or tree.start
        return Node("", token.start, token.stop + 1, token.line, ())
    kind = type(tree).__name__.removesuffix("Context")
    stop = tree.stop.stop + 1 if tree.stop else tree.start.stop + 1
    below = tuple(_node(child) for child in children)
    return Node(kind, tree.start.start, stop, tree.start.line, below)
