"""The syntax tree of a KQL text: kinds of nodes, and where in the text they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb_kql
from duckdb_kql import lower as lowering
from duckdb_kql.errors import KqlSyntaxError

from components.limits import kql_text
from lab.kusto import syntax_error


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
    text: str

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
    """The tree of a whole query; KustoError when it is no KQL.

    The translator and its lowering ask for the same tree: it is made once.
    """
    try:
        tree = _parsed(kql).tree
    except KqlSyntaxError as error:
        raise syntax_error.told(error, kql) from error
    return _node(tree, kql)


_parsed = lru_cache(maxsize=8)(duckdb_kql.parse)
lowering.parse = _parsed  # type: ignore[attr-defined]  # the translator's own use of it


def plain_name(node: Node) -> str:
    """The name that a node spells: `['my column']` is my column."""
    if node.kind != "EscapedName":
        return node.text
    return kql_text.value(node.children[1].text)


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


def _node(tree: Any, kql: str) -> Node:
    children = tuple(getattr(tree, "children", None) or ())
    while len(children) == 1 and getattr(children[0], "children", None):
        tree, children = children[0], tuple(children[0].children)
    kind = "" if hasattr(tree, "symbol") else type(tree).__name__.removesuffix("Context")
    if not children and not kind:
        token = tree.symbol
        text = "" if token.type == -1 else kql[token.start : token.stop + 1]
        return Node("", token.start, token.start + len(text), token.line, (), text)
    below = tuple(_node(child, kql) for child in children)
    start = below[0].start if below else tree.start.start if tree.start else 0
    end = below[-1].end if below else start
    return Node(kind, start, end, tree.start.line, below, kql[start:end])
