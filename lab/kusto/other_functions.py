"""Calls that the translator does not know, as calls that it does; what cannot be run is refused."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from duckdb_kql.translate import _SPECIAL_FORMS
from duckdb_kql.translate.functions import AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS

from lab.kusto.kusto_error import KustoError
from lab.kusto.nearest_name import OLD_FUNCTIONS
from lab.kusto.query_tree import Node
from lab.kusto.rewriting import Rewriting, Write, is_time, quoted

_ALWAYS: Final = frozenset(
    {"bin", "case", "count", "toscalar", "materialize", "not", "percentiles"}
)
_READ_AS: Final = {"bool": "tobool", "datetime": "todatetime", "timespan": "totimespan"}
_CASTS: Final = {
    "long": "tolong",
    "int": "toint",
    "real": "toreal",
    "bool": "tobool",
    "datetime": "todatetime",
    "timespan": "totimespan",
    "dynamic": "todynamic",
}
_PARTS: Final = {"datepart": "datetime_part"}
_LISTS: Final = {
    "ipv4_is_in_any_range": "lab_in_any_range",
    "has_any_ipv4": "lab_has_any_ipv4",
    "has_any_ipv4_prefix": "lab_has_any_ipv4_prefix",
}
_LITERAL: Final = "StringLiteralExpression"
_OF_TEXTS: Final = {"strcat": "lab_strcat", "tostring": "lab_tostring"}
_WHY: Final = {
    "series_decompose_anomalies": "its season is found by an algorithm that only Azure has",
    "series_decompose": "its season is found by an algorithm that only Azure has",
    "series_decompose_forecast": "its season is found by an algorithm that only Azure has",
    "series_periods_detect": "its periods are found by an algorithm that only Azure has",
    "series_outliers": "its scores are of an algorithm that only Azure has",
    "geo_info_from_ip_address": "it needs Azure's table of addresses",
    "hash": "Azure's hash is another than DuckDB's",
    "hash_xxhash64": "Azure's hash is another than DuckDB's",
    "hll": "its sketch is Azure's own; dcount() gives the number",
    "hll_merge": "its sketch is Azure's own",
    "tdigest": "its sketch is Azure's own; percentile() gives the value",
    "parse_user_agent": "it needs Azure's table of user agents",
    "current_principal": "nobody is signed in to the lab",
}
"""Why a function of Kusto's is not run."""


def _call(rewriting: Rewriting, node: Node, name: str, *kinds: str) -> None:
    arguments = [each for each in node.children[2:-1] if each.text != ","]
    way = _CALLS.get(name)
    if name in _OF_TEXTS:
        _of_texts(rewriting, node, name, arguments, kinds)
    elif way is not None:
        way(rewriting, node, name, arguments)
    elif name in OLD_FUNCTIONS:
        rewriting.put(node.children[0], lambda write: OLD_FUNCTIONS[name])
    elif not is_run(name):
        reason = _WHY.get(name, "the lab has it not")
        raise _refused(node, f"{name}() is not run here: {reason}; expected the query without it")


def is_run(name: str) -> bool:
    """Whether the translator, or the lab's addition to it, has a function or an aggregate."""
    return (
        name in _ALWAYS
        or name in SCALAR_FUNCTIONS
        or name in AGGREGATE_FUNCTIONS
        or name in _SPECIAL_FORMS
    )


def _refused(node: Node, message: str) -> KustoError:
    return KustoError(message, start=node.start, end=node.end, kusto_takes_it=True)


def _of_texts(
    rewriting: Rewriting, node: Node, name: str, arguments: list[Node], kinds: Sequence[str]
) -> None:
    """Text needs no reading: the translator, which knows no types, writes an argument 24 times."""
    if "string" not in kinds or all(each.kind == _LITERAL for each in arguments):
        return

    def way(write: Write) -> str:
        texts = [
            write(each) if kind == "string" else f"tostring({write(each)})"
            for each, kind in zip(arguments, kinds, strict=True)
        ]
        return f"{_OF_TEXTS[name]}({', '.join(texts)})"

    rewriting.put(node, way)


def _arrival(rewriting: Rewriting, node: Node, name: str, arguments: list[Node]) -> None:
    rewriting.put(node, lambda write: "_visible_at")


def _limited(rewriting: Rewriting, node: Node, name: str, arguments: list[Node]) -> None:
    """make_set(x, 3) has at most three elements."""
    own = OLD_FUNCTIONS.get(name, name)
    at = 3 if name.endswith("_if") else 2
    if len(arguments) < at:
        if own != name:
            rewriting.put(node.children[0], lambda write: own)
        return

    def way(write: Write) -> str:
        *first, most = [write(each) for each in arguments]
        return f"array_slice({own}({', '.join(first)}), 0, ({most}) - 1)"

    rewriting.put(node, way)


def _bin_at(rewriting: Rewriting, node: Node, name: str, arguments: list[Node]) -> None:
    def way(write: Write) -> str:
        value, size, start = (write(each) for each in arguments)
        binned = "lab_bin_time" if is_time(arguments[1]) else "lab_bin_number"
        return f"{binned}({value}, {size}, {start})"

    rewriting.put(node, way)


def _typed(rewriting: Rewriting, node: Node, name: str, arguments: list[Node]) -> None:
    """extract(…, typeof(long)) is a long."""
    last = arguments[-1]
    if last.kind != "TypeLiteralExpression":
        return
    kind = last.text.partition("(")[2].rstrip(") ")
    function = _CASTS.get(kind, "tostring")

    def way(write: Write) -> str:
        inner = ", ".join(write(each) for each in arguments[:-1])
        return f"{function}({name}({inner}))"

    rewriting.put(node, way)


def _of_list(rewriting: Rewriting, node: Node, name: str, arguments: list[Node]) -> None:
    def way(write: Write) -> str:
        first, *others = [write(each) for each in arguments]
        several = all(each.kind == "StringLiteralExpression" for each in arguments[1:])
        given = f"pack_array({', '.join(others)})" if several or len(others) > 1 else others[0]
        return f"{_LISTS[name]}({first}, {given})"

    rewriting.put(node, way)


def _other_name(rewriting: Rewriting, node: Node, name: str, arguments: list[Node]) -> None:
    rewriting.put(node.children[0], lambda write: _PARTS[name])


_CALLS: Final[dict[str, Callable[[Rewriting, Node, str, list[Node]], None]]] = {
    "ingestion_time": _arrival,
    "bin_at": _bin_at,
    "extract": _typed,
    "extract_json": _typed,
    **dict.fromkeys(("make_set", "makeset", "make_list", "makelist"), _limited),
    **dict.fromkeys(("make_set_if", "make_list_if"), _limited),
    **dict.fromkeys(_LISTS, _of_list),
    **dict.fromkeys(_PARTS, _other_name),
}


def _text(rewriting: Rewriting, node: Node, kind: str) -> None:
    """A text beside a bool or a time is read as one."""
    function = _READ_AS.get(kind)
    if function is not None:
        before = rewriting.way(node)
        rewriting.put(node, lambda write: f"{function}({before(write)})")


def _column_if(rewriting: Rewriting, node: Node, column: str | None, otherwise: Node) -> None:
    rewriting.put(node, lambda write: quoted(column) if column else f"({write(otherwise)})")


def _table_call(rewriting: Rewriting, node: Node, name: str) -> None:
    rewriting.put(node, lambda write: quoted(name))


def _foreign(rewriting: Rewriting, node: Node, name: str) -> None:
    """workspace("x").T is the lab's own T: it has one workspace."""
    rewriting.put(node, lambda write: quoted(name))


def _named(rewriting: Rewriting, node: Node, name: str) -> None:
    """The name that Kusto gives to an aggregate, where the translator gives another."""
    before = rewriting.way(node)
    rewriting.put(node, lambda write: f"{quoted(name)} = {before(write)}")


def _percentiles(
    rewriting: Rewriting, node: Node, names: list[str], value: Node, shares: list[Node]
) -> None:
    def way(write: Write) -> str:
        return ", ".join(
            f"{quoted(name)} = percentile({write(value)}, {write(share)})"
            for name, share in zip(names, shares, strict=True)
        )

    rewriting.put(node, way)


def _each_column(rewriting: Rewriting, node: Node, made: list[tuple[str, str]]) -> None:
    """take_any(*) is take_any() of each column."""
    listed = ", ".join(f"{quoted(name)} = take_any({quoted(column)})" for name, column in made)
    rewriting.put(node, lambda write: listed)


def _inline(
    rewriting: Rewriting, node: Node, body: Node, given: dict[Node, Node], tables: dict[Node, str]
) -> None:
    """A function that takes the name of a table stands where it is called."""

    def way(write: Write) -> str:
        inner = next(each for each in body.children if each.kind)
        texts = {each: write(value) for each, value in given.items()}
        texts |= {each: quoted(name) for each, name in tables.items()}
        source = f"_call_{node.start}"
        with rewriting.instead(texts):
            rewriting.lets.append(f"let {source} = {rewriting.inside(inner)}")
        return source

    rewriting.put(node, way)


def _unused(rewriting: Rewriting, node: Node, name: str) -> None:
    rewriting.put(node, lambda write: f"let {quoted(name)} = 0")


WAYS: Final[dict[str, Callable[..., Any]]] = {
    "call": _call,
    "text": _text,
    "column_if": _column_if,
    "table_call": _table_call,
    "foreign": _foreign,
    "named": _named,
    "percentiles": _percentiles,
    "each_column": _each_column,
    "inline": _inline,
    "inlined": _unused,
}
