"""The name that a column gets where the query gives it none."""

from collections.abc import Callable, Iterable
from typing import Final

from components.limits import kql_text
from lab.kusto.names_in_scope import TableType
from lab.kusto.query_tree import Node, plain_name
from lab.kusto.signatures import Symbol

Find = Callable[[str], Symbol | None]
"""The function or aggregate of a name."""

NAMES: Final = ("IdentifierName", "KeywordName", "EscapedName", "ExtendedKeywordName")
"""Kinds of nodes that spell a name."""

_CALLS: Final = ("NamedFunctionCallExpression", "CountExpression")


def given(node: Node) -> list[str]:
    """The names before `=`, none where there is no such."""
    if node.kind != "NamedExpression":
        return []
    return [plain_name(each) for each in node.children[0].walk() if each.kind in NAMES]


def of(node: Node, find: Find, row: TableType | None = None) -> str | None:
    """The name that follows from the expression; None where it is Column1, Column2, …"""
    if names := given(node):
        return names[0]
    if node.kind in NAMES:
        return plain_name(node)
    if node.kind == "ParenthesizedExpression":
        return of(node.children[1], find)
    if node.kind == "OrderedExpression":
        return of(node.children[0], find)
    if node.kind == "FunctionCallOrPathPathExpression":
        return _of_path(node, find)
    if node.kind in _CALLS:
        return _of_call(node, find, row)
    return None


def _of_path(node: Node, find: Find) -> str | None:
    parts = [of(node.children[0], find) or ""]
    for each in node.children[1:]:
        selector = each.children[1]
        if selector.kind == "StringLiteralExpression":
            parts.append(kql_text.value(selector.text))
        elif each.kind == "FunctionCallOrPathElementOperation":
            parts.append(selector.text if selector.kind.endswith("LiteralExpression") else "")
        else:
            parts.append(of(selector, find) or "")
    return "_".join(each for each in parts if each) or None


def _of_call(node: Node, find: Find, row: TableType | None) -> str | None:
    name = node.children[0].text
    symbol = find(name)
    arguments = [each for each in node.children[2:-1] if each.text != ","]
    if symbol is None:
        return None
    named, prefix = symbol.named, symbol.prefix
    if named.startswith("NameAnd"):
        named, prefix = named.replace("NameAnd", "PrefixAnd"), name
    if named == "PrefixOnly":
        return prefix
    if named == "FirstArgumentValueIfColumn" and arguments:
        first = kql_text.value(arguments[0].text)
        return first if row is not None and first in row.columns else None
    if named.endswith("OnlyArgument") and len(arguments) != 1:
        return None
    if named.startswith("PrefixAnd"):
        return f"{prefix}_{of(arguments[0], find) or ''}" if arguments else f"{prefix}_"
    if named in ("FirstArgument", "OnlyArgument") and arguments:
        return of(arguments[0], find)
    return None


class Columns:
    """The columns of a result, each under a name of its own."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.unnamed = 0

    def add(self, name: str | None, kind: str) -> str:
        """Keep a column under its name, or under one made from it."""
        if name is None:
            self.unnamed += 1
            name = f"Column{self.unnamed}"
        own = unique(name, self.kinds)
        self.kinds[own] = kind
        return own


def unique(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it where it is taken."""
    taken = set(taken)
    if name not in taken:
        return name
    number = 1
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"
