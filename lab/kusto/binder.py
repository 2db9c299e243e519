"""A whole query held against the tables: its columns, and the first thing that Kusto refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from components.limits import kql_text
from lab.kusto import kql_types, spelling
from lab.kusto.expressions import Found
from lab.kusto.names_in_scope import LetFunction, RowOfMany, Scope, TableType
from lab.kusto.operators import Operators
from lab.kusto.query_tree import Node, plain_name

_LETS: Final = (
    "LetVariableDeclaration",
    "LetMaterializeDeclaration",
    "LetFunctionDeclaration",
    "LetViewDeclaration",
)


@dataclass(frozen=True)
class Met:
    """Something on the way that decides how the query is run."""

    what: str
    node: Node
    details: tuple[Any, ...]


@dataclass(frozen=True)
class Bound:
    """A query that Kusto takes: the columns of its result and the tables that it names."""

    tree: Node = field(repr=False)
    result: TableType
    tables: frozenset[str]
    met: tuple[Met, ...] = field(repr=False)


def bind(tree: Node, kql: str, tables: Mapping[str, Mapping[str, str]]) -> Bound:
    """KustoError for the first thing that Kusto refuses, with its place."""
    binder = _Binder(kql)
    known = {name: TableType(columns) for name, columns in tables.items()}
    result = binder.query(tree, Scope({}, known))
    named = {each.details[0] for each in binder.met if each.what == "table"}
    return Bound(tree, result, frozenset(named), tuple(binder.met))


class _Binder(Operators):
    def __init__(self, kql: str) -> None:
        super().__init__(kql)
        self.met: list[Met] = []

    def note(self, what: str, node: Node, *details: Any) -> None:
        self.met.append(Met(what, node, details))

    def query(self, tree: Node, scope: Scope) -> TableType:
        """The columns of the last statement."""
        result = TableType()
        declared: set[str] = set()
        for statement in tree.children if tree.kind == "Query" else [tree]:
            if statement.kind in _LETS:
                scope = self._let(statement, scope, declared)
            elif statement.kind == "DeclareQueryParametersStatement":
                scope = self._declared(statement, scope)
            elif statement.kind and statement.kind not in (
                "SetStatement",
                "RestrictAccessStatement",
                "AliasDatabaseStatement",
                "DeclarePatternStatement",
            ):
                result = self._outcome(statement, scope)
        return result

    def _outcome(self, node: Node, scope: Scope) -> TableType:
        found = self.of(node, scope)
        if isinstance(found, TableType):
            return found
        raise self.refused(
            node, f"{node.text[:60]!r} is a value; expected a table, or print before it"
        )

    def _let(self, node: Node, scope: Scope, declared: set[str]) -> Scope:
        name = plain_name(node.children[1])
        if name in declared:
            raise self.refused(
                node.children[1], f"{name!r} is given a value twice; expected another name"
            )
        declared.add(name)
        if node.kind in ("LetFunctionDeclaration", "LetViewDeclaration"):
            function = LetFunction(name, self._parameters(node, scope), node.children[-1], scope)
            if all(optional for _, _, optional in function.parameters):
                self._call_let(node, function, [], scope)
            if spelling.TABLE in node.text and function.parameters:
                self.note("inlined", node, name)
            return scope.named(name, function)
        value = node.children[-2 if node.kind == "LetMaterializeDeclaration" else -1]
        found = self.of(value, scope)
        if isinstance(found, RowOfMany):
            found = kql_types.DYNAMIC
        self.texts.pop(name, None)
        if value.kind == "StringLiteralExpression":
            self.texts[name] = kql_text.value(value.text)
        return scope.named(name, found)

    def _parameters(
        self, node: Node, scope: Scope
    ) -> tuple[tuple[str, str | TableType, bool], ...]:
        found: list[tuple[str, str | TableType, bool]] = []
        for each in node.children[:-1]:
            for one in each.children if each.kind == "LetFunctionParameterList" else [each]:
                if one.kind == "ScalarParameter":
                    kind = one.children[2].text
                    optional = one.children[-1].kind == "ScalarParameterDefault"
                    found.append(
                        (plain_name(one.children[0]), kql_types.SPELLINGS.get(kind, kind), optional)
                    )
                elif one.kind == "TabularParameter":
                    columns = self.schema(one)
                    found.append(
                        (plain_name(one.children[0]), TableType(columns, not columns), False)
                    )
        return tuple(found)

    def _declared(self, node: Node, scope: Scope) -> Scope:
        for each in node.walk():
            if each.kind == "DeclareQueryParametersStatementParameter":
                kind = each.children[2].text
                scope = scope.named(
                    plain_name(each.children[0]), kql_types.SPELLINGS.get(kind, kind)
                )
        return scope

    def body(self, body: Node, scope: Scope) -> Found:
        inside = body.children[1:-1] if body.kind == "LetFunctionBody" else (body,)
        found: Found = kql_types.UNKNOWN
        declared: set[str] = set()
        for each in inside:
            if each.kind in _LETS:
                scope = self._let(each, scope, declared)
            elif each.kind == "LetFunctionBodyStatement":
                for part in each.children:
                    if part.kind in _LETS:
                        scope = self._let(part, scope, declared)
            elif each.kind:
                found = self.of(each, scope)
        return found
