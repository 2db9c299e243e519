"""KQL that the translator does not know, said in KQL that it does."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from lab.kusto.query_tree import Node

Write = Callable[[Node], str]
"""A piece of the query as it is to be written."""

Way = Callable[[Write], str]
"""What stands instead of a piece; it asks for the pieces inside of it."""


class Rewriting:
    """Pieces of a query and what stands instead of them."""

    def __init__(self, kql: str) -> None:
        self._kql = kql
        self._instead: dict[tuple[int, int, str], Way] = {}
        self.lets: list[str] = []
        """Statements that are to stand before the last."""

    def put(self, node: Node, way: Way) -> None:
        """Write a piece in another way."""
        self._instead[node.start, node.end, node.kind] = way

    def way(self, node: Node) -> Way:
        """What stands instead of a piece so far."""
        found = self._instead.get((node.start, node.end, node.kind))
        return found or (lambda write: self.inside(node))

    @contextmanager
    def instead(self, texts: Mapping[Node, str]) -> Iterator[None]:
        """For a while, texts instead of pieces."""
        before = dict(self._instead)
        for node, text in texts.items():
            self.put(node, lambda write, text=text: text)  # type: ignore[misc]
        try:
            yield
        finally:
            self._instead = before

    def __bool__(self) -> bool:
        return bool(self._instead)

    def write(self, node: Node) -> str:
        """The piece, with what stands instead of it or of its parts."""
        way = self._instead.get((node.start, node.end, node.kind))
        return way(self.write) if way is not None else self.inside(node)

    def inside(self, node: Node) -> str:
        """The piece as it is, but for its parts."""
        return "".join(self._parts(node)) if node.children else node.text

    def query(self, tree: Node) -> str:
        """The whole query."""
        if tree.kind != "Query":
            last = self.write(tree)
            return "\n".join([*self.lets, last])
        statements = [each for each in tree.children if each.kind]
        *before, last = [self.write(each) for each in statements]
        return ";\n".join([*before, *self.lets, last])

    def _parts(self, node: Node) -> Iterator[str]:
        at = node.start
        for child in node.children:
            yield self._kql[at : child.start]
            yield self.write(child)
            at = child.end
        yield self._kql[at : node.end]


def quoted(name: str) -> str:
    """A name as KQL writes it wherever it stands."""
    if name.isidentifier() and name not in _RESERVED:
        return name
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def is_time(step: Node) -> bool:
    """Whether a step is a timespan: a literal such as 1h, or what is reckoned with one."""
    return any(
        each.kind == "TimeSpanLiteralExpression" or each.text == "totimespan"
        for each in step.walk()
    )


_RESERVED: Final = frozenset({"count", "by", "on", "kind", "and", "or", "limit", "with", "table"})
