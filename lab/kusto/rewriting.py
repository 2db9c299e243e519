"""KQL that the translator does not know, said in KQL that it does."""

from collections.abc import Callable, Iterator

from lab.kusto.binder import Bound
from lab.kusto.nearest_name import OLD_FUNCTIONS
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

    def put(self, node: Node, way: Way) -> None:
        """Write a piece in another way."""
        self._instead[node.start, node.end, node.kind] = way

    def way(self, node: Node) -> Way:
        """What stands instead of a piece so far."""
        found = self._instead.get((node.start, node.end, node.kind))
        return found or (lambda write: self.inside(node))

    def __bool__(self) -> bool:
        return bool(self._instead)

    def write(self, node: Node) -> str:
        """The piece, with what stands instead of it or of its parts."""
        way = self._instead.get((node.start, node.end, node.kind))
        if way is not None:
            return way(self.write)
        return self.inside(node)

    def inside(self, node: Node) -> str:
        """The piece as it is, but for its parts."""
        return "".join(self._parts(node)) if node.children else node.text

    def _parts(self, node: Node) -> Iterator[str]:
        at = node.start
        for child in node.children:
            yield self._kql[at : child.start]
            yield self.write(child)
            at = child.end
        yield self._kql[at : node.end]


def rewritten(bound: Bound, kql: str) -> str:
    """The query as the translator gets it."""
    rewriting = Rewriting(kql)
    for each in bound.met:
        if each.what == "call":
            _call(rewriting, each.node, str(each.details[0]))
        elif each.what == "text" and each.details[0] in _READ_AS:
            _read_as(rewriting, each.node, _READ_AS[each.details[0]])
    if not rewriting:
        return kql
    return rewriting.write(bound.tree)


_READ_AS = {"bool": "tobool", "datetime": "todatetime", "timespan": "totimespan"}


def _read_as(rewriting: Rewriting, node: Node, function: str) -> None:
    before = rewriting.way(node)
    rewriting.put(node, lambda write: f"{function}({before(write)})")


def _call(rewriting: Rewriting, node: Node, name: str) -> None:
    if name in OLD_FUNCTIONS:
        rewriting.put(node.children[0], lambda write: OLD_FUNCTIONS[name])
    elif name == "ingestion_time":
        rewriting.put(node, lambda write: "_visible_at")
