"""Operators that the translator does not know, as operators that it does."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from components.limits import kql_text
from lab.kusto import result_name
from lab.kusto.kusto_error import KustoError
from lab.kusto.names_in_scope import TableType
from lab.kusto.query_tree import Node
from lab.kusto.rewriting import Rewriting, Write, is_time, quoted

_WHY: Final = {
    "EvaluateOperator": "the columns of a plugin depend on the rows",
    "ReduceByOperator": "its patterns are found by an algorithm that only Azure has",
    "ScanOperator": "the lab has it not",
    "ParseKvOperator": "the lab has it not; extract() finds a value by its key",
}
_NUMBER: Final = "_row_of_many"


def _refused(node: Node, message: str) -> KustoError:
    return KustoError(message, start=node.start, end=node.end, kusto_takes_it=True)


def _operator(rewriting: Rewriting, node: Node, row: TableType | None) -> None:
    if node.kind in _WHY:
        word = node.text.split()[0]
        raise _refused(
            node, f"{word} is not run here: {_WHY[node.kind]}; expected the query without it"
        )
    way = _SIMPLE.get(node.kind)
    if way is not None:
        rewriting.put(node, lambda write: way(node, write))


def _items(node: Node) -> list[Node]:
    return [each for each in node.children[1:] if each.text != "," and each.kind]


def _sample(node: Node, write: Write) -> str:
    return f"take {write(node.children[-1])}"


def _sample_distinct(node: Node, write: Write) -> str:
    return f"distinct {write(node.children[-1])} | take {write(node.children[1])}"


def _serialize(node: Node, write: Write) -> str:
    made = ", ".join(write(each) for each in _items(node))
    return f"extend {made}" if made else "where true"


def _top_hitters(node: Node, write: Write) -> str:
    number, of = write(node.children[1]), node.children[3]
    name = result_name.of(of, lambda name: None) or "value"
    by = node.of("TopHittersOperatorByClause")
    if by:
        measured = by[0].children[1]
        measured = measured.children[0] if measured.kind == "OrderedExpression" else measured
        column = f"approximate_sum_{result_name.of(measured, lambda name: None) or ''}"
        value = f"sum({write(measured)})"
    else:
        column, value = f"approximate_count_{name}", "count()"
    return (
        f"summarize {quoted(column)} = {value} by {quoted(name)} = {write(of)}"
        f" | top {number} by {quoted(column)}"
    )


def _like(node: Node, write: Write) -> str:
    return "where true"


_SIMPLE: Final[dict[str, Callable[[Node, Write], str]]] = {
    "SampleOperator": _sample,
    "SampleDistinctOperator": _sample_distinct,
    "SerializeOperator": _serialize,
    "TopHittersOperator": _top_hitters,
    "ConsumeOperator": lambda node, write: "take 0",
    "AssertSchemaOperator": _like,
    "AsOperator": _like,
}


def _columns(rewriting: Rewriting, node: Node, word: str, names: Sequence[str]) -> None:
    """Patterns such as `Cs*` as the columns that they stand for."""
    rewriting.put(node, lambda write: f"{word} {', '.join(quoted(each) for each in names)}")


def _union(
    rewriting: Rewriting,
    node: Node,
    sources: Sequence[Node | str],
    piped: bool,
    tables: dict[str, TableType],
    source: str | None,
) -> None:
    """A union with its patterns as tables, and without what a fuzzy one does not find."""

    def way(write: Write) -> str:
        if len(tables) == len(sources) and tables and not piped:
            return _over(tables, _shared(tables), source)
        parameters = [
            write(each)
            for each in node.children
            if each.kind.endswith("Parameter") and not each.text.startswith("isfuzzy")
        ]
        listed = [quoted(each) if isinstance(each, str) else write(each) for each in sources]
        if not listed:
            return "where true"
        if not piped and len(listed) == 1 and not parameters:
            return listed[0]
        return f"union {' '.join(parameters)} {', '.join(listed)}"

    rewriting.put(node, way)


def _clash(rewriting: Rewriting, node: Node, name: str, other: str) -> None:
    raise _refused(
        node,
        f"columns {name!r} and {other!r} differ in case only, which the lab cannot keep apart;"
        " expected another name",
    )


def _star(rewriting: Rewriting, node: Node, row: TableType) -> None:
    """`* has "x"` asks every column that is a text."""
    rewriting.put(
        node,
        lambda write: (
            "("
            + " or ".join(
                f"{quoted(name) if kind == 'string' else f'tostring({quoted(name)})'}"
                f" {write(node.children[1])} {write(node.children[2])}"
                for name, kind in row.columns.items()
                if kind in ("string", "int", "long") or kind.startswith("dynamic")
            )
            + ")"
        ),
    )


# -- search and find ----------------------------------------------------------------------------


def _search(rewriting: Rewriting, node: Node, tables: dict[str, TableType], row: TableType) -> None:
    predicate = node.children[-1]

    def way(write: Write) -> str:
        if "" in tables:
            return f"where {_sought(predicate, row, write)}"
        shared = _shared(tables)
        found = _sought(predicate, TableType(shared), write)
        return f"{_over(tables, shared, '$table')} | where {found}"

    rewriting.put(node, way)


def _shared(tables: dict[str, TableType]) -> dict[str, str]:
    """The columns of several tables by type; the first spelling and the first type count."""
    spellings: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for table in tables.values():
        for column, kind in table.columns.items():
            if spellings.setdefault(column.casefold(), column) == column:
                kinds.setdefault(column, kind)
    return kinds


def _over(tables: dict[str, TableType], shared: dict[str, str], source: str | None) -> str:
    """The tables one below the other, with the columns that they can share."""
    parts = []
    for name, table in tables.items():
        kept = [quoted(each) for each, kind in table.columns.items() if shared.get(each) == kind]
        shown = ", ".join(kept)
        labelled = f" | extend {quoted(source)} = '{name}'" if source else ""
        parts.append(f"{quoted(name)} | project {shown}{labelled}")
    if len(parts) == 1:
        return parts[0]
    return f"union {', '.join(f'({each})' for each in parts)}"


def _sought(node: Node, row: TableType, write: Write) -> str:
    if node.kind == "StringLiteralExpression":
        return _anywhere(node, row)
    if node.text == "*":
        return "true"
    if node.kind == "SearchOperatorStarAndExpression":
        parts = [each for each in node.children if each.kind and each.text != "*"]
        return " and ".join(_sought(each, row, write) for each in parts) or "true"
    if node.kind in ("LogicalAndExpression", "LogicalOrExpression"):
        word = node.children[1].children[0].text
        sides = [node.children[0], *(each.children[1] for each in node.children[1:])]
        return "(" + f" {word} ".join(_sought(each, row, write) for each in sides) + ")"
    if node.kind == "ParenthesizedExpression":
        return f"({_sought(node.children[1], row, write)})"
    if node.kind == "NamedFunctionCallExpression" and node.children[0].text == "not":
        return f"not({_sought(node.children[2], row, write)})"
    if node.kind == "StringBinaryOperatorExpression":
        operation = node.children[1]
        if operation.children[0].text == ":":
            text = kql_text.value(operation.children[1].text)
            return _in(f"tostring({write(node.children[0])})", text)
    return write(node)


def _anywhere(node: Node, row: TableType) -> str:
    text = kql_text.value(node.text)
    if text in ("*", ""):
        return "true"
    numeric = text.strip("*").isdigit()
    kinds = {"string", "dynamic", *(("int", "long") if numeric else ())}
    sought = [
        _in(quoted(name) if kind == "string" else f"tostring({quoted(name)})", text)
        for name, kind in row.columns.items()
        if kind.partition(":")[0] in kinds and name != "$table"
    ]
    return f"({' or '.join(sought) or 'false'})"


def _in(column: str, text: str) -> str:
    """`x` is a whole term, `x*` the beginning of one, `*x` its end, `*x*` any piece."""
    before, after = text.startswith("*"), text.endswith("*") and len(text) > 1
    inner = text.strip("*").replace("\\", "\\\\").replace('"', '\\"')
    operator = {
        (True, True): "contains",
        (True, False): "hassuffix",
        (False, True): "hasprefix",
        (False, False): "has",
    }[before, after]
    return f'{column} {operator} "{inner}"'


def _find(
    rewriting: Rewriting,
    node: Node,
    tables: dict[str, TableType],
    row: TableType,
    where: Node | None,
    source: str,
    columns: Sequence[str],
) -> None:
    def way(write: Write) -> str:
        shared = _shared(tables)
        predicate = ""
        if where is not None:
            predicate = f" | where {_sought(where, TableType(shared), write)}"
        shown = ", ".join(quoted(each) for each in columns if each in shared or each == source)
        return f"{_over(tables, shared, source)}{predicate} | project {shown}"

    rewriting.put(node, way)


# -- a pipeline for each of several groups ------------------------------------------------------


def _mv_apply(rewriting: Rewriting, node: Node, made: dict[str, str], row: TableType) -> None:
    def way(write: Write) -> str:
        expanded = [each for each in node.children[1:-4] if each.text not in (",", "on")]
        kept = [name for name in row.columns if name not in made]
        inner = _each(node.children[-2], [_NUMBER, *kept], write)
        items = ", ".join(write(each) for each in expanded)
        return (
            f"extend {_NUMBER} = row_number() | mv-expand {items}{inner} | project-away {_NUMBER}"
        )

    rewriting.put(node, way)


def _partition(rewriting: Rewriting, node: Node, key: str, inner: Node) -> None:
    def way(write: Write) -> str:
        return _each(inner, [key], write, keep=False).removeprefix(" | ")

    rewriting.put(node, way)


def _each(node: Node, keys: Sequence[str], write: Write, *, keep: bool = True) -> str:
    """The operators inside of brackets, once for each value of the keys."""
    steps = (
        [node.children[0], *(each.children[-1] for each in node.children[1:])]
        if node.kind == "PipeSubExpression"
        else [node]
    )
    group = ", ".join(quoted(each) for each in keys)
    return "".join(f" | {_step(each, group, quoted(keys[0]), write, keep)}" for each in steps)


def _step(node: Node, group: str, key: str, write: Write, keep: bool) -> str:
    if node.kind == "SummarizeOperator":
        by = node.of("SummarizeOperatorByClause")
        made = ", ".join(write(each) for each in _items(node) if each not in by)
        own = ", ".join(write(each) for each in _items(by[0])) if by else ""
        text = f"summarize {made} by {', '.join(filter(None, [group, own]))}"
        return text if keep else f"{text} | project-away {key}"
    if node.kind in ("TopOperator", "TakeOperator"):
        number = write(next(each for each in node.children[1:] if each.kind))
        rank = f"lab_number_within({key})"
        if node.kind == "TopOperator":
            ordered = node.children[-1]
            value = ordered.children[0] if ordered.kind == "OrderedExpression" else ordered
            rising = ordered.text.split()[-1:] == ["asc"]
            sign = "-" if rising else ""
            rank = f"lab_rank_within({sign}({write(value)}), {key})"
        return f"extend _rank = {rank} | where _rank <= {number} | project-away _rank"
    if node.kind == "ProjectOperator":
        made = ", ".join(write(each) for each in _items(node))
        return f"project {group}, {made}" if keep else f"project {made}"
    if node.kind == "CountOperator":
        return f"summarize Count = count() by {group}"
    if node.kind in ("WhereOperator", "ExtendOperator", "SortOperator", "MvexpandOperator"):
        return write(node)
    word = node.text.split()[0]
    raise _refused(node, f"{word} is not run here for each group; expected the query without it")


# -- make-series --------------------------------------------------------------------------------


def _make_series(
    rewriting: Rewriting,
    node: Node,
    made: list[tuple[str, Node, Node | None]],
    axis: tuple[str, Node],
    ends: tuple[Node | None, Node | None, Node],
    groups: list[tuple[str, Node]],
) -> None:
    def way(write: Write) -> str:
        return " | ".join(_series_steps(write, made, axis, ends, groups))

    rewriting.put(node, way)


def _series_steps(
    write: Write,
    made: list[tuple[str, Node, Node | None]],
    axis: tuple[str, Node],
    ends: tuple[Node | None, Node | None, Node],
    groups: list[tuple[str, Node]],
) -> Iterator[str]:
    begin, end, step = (write(each) if each is not None else None for each in ends)
    value = write(axis[1])
    at = f"bin({value}, {step})"
    if begin:
        binned = "lab_bin_time" if is_time(ends[2]) else "lab_bin_number"
        at = f"{binned}({value}, {step}, {begin})"
    keys = [quoted(name) for name, _ in groups]
    by = [f"{quoted(name)} = {write(each)}" for name, each in groups]
    if begin:
        yield f"where {value} >= {begin}"
    if end:
        yield f"where {value} < {end}"
    counted = [f"{quoted(name)} = {write(each)}" for name, each, _ in made]
    yield f"summarize {', '.join(counted)} by {', '.join([*by, f'_at = {at}'])}"
    first = begin or "lab_least(_at)"
    last = end or f"(lab_most(_at) + {step})"
    yield f"extend _first = {first}, _last = {last}"
    lists = [f"{quoted(name)} = make_list_with_nulls({quoted(name)})" for name, _, _ in made]
    grouped = ", ".join([*keys, "_first", "_last"])
    yield f"summarize {', '.join(lists)}, _times = make_list_with_nulls(_at) by {grouped}"
    filled = [
        f"{quoted(name)} = lab_series(_times, {quoted(name)}, _first, _last, {step},"
        f" {write(otherwise) if otherwise is not None else '0'})"
        for name, _, otherwise in made
    ]
    yield f"extend {', '.join(filled)}, _axis = lab_steps(_first, _last, {step})"
    names = ", ".join([*keys, *(quoted(name) for name, _, _ in made)])
    yield f"project {names}, {quoted(axis[0])} = _axis"


# -- names for the rows so far ------------------------------------------------------------------


def _as_table(rewriting: Rewriting, pipe: Node, number: int, name: str) -> None:
    """`… | as X | union X`: the rows so far become a `let` before the last statement."""

    def way(write: Write) -> str:
        above = " ".join(write(each) for each in pipe.children[:number])
        rewriting.lets.append(f"let {quoted(name)} = {above}")
        below = " ".join(write(each) for each in pipe.children[number + 1 :])
        return f"{quoted(name)} {below}"

    rewriting.put(pipe, way)


def _top_nested(
    rewriting: Rewriting,
    pipe: Node,
    number: int,
    parts: list[tuple[Node | None, str, Node, str, Node]],
) -> None:
    """Each level among those that the level above has kept."""

    def way(write: Write) -> str:
        source = f"_nested_{pipe.start}_{number}"
        above = " ".join(write(each) for each in pipe.children[:number])
        rewriting.lets.append(f"let {source} = {above}")
        text = ""
        keys: list[str] = []
        shown: list[str] = []
        for most, name, of, measured, aggregate in parts:
            by = [*keys, f"{quoted(name)} = {write(of)}"]
            level = (
                f"{source} | summarize {quoted(measured)} = {write(aggregate)} by {', '.join(by)}"
            )
            if most is not None and not keys:
                level += f" | top {write(most)} by {quoted(measured)}"
            elif most is not None:
                rank = f"lab_rank_within({quoted(measured)}, strcat_delim('/', {', '.join(keys)}))"
                level += f" | extend _rank = {rank} | where _rank <= {write(most)}"
            on = ", ".join(keys)
            text = f"{text} | join kind=inner ({level}) on {on}" if keys else level
            keys.append(quoted(name))
            shown += [quoted(name), quoted(measured)]
        below = " ".join(write(each) for each in pipe.children[number + 1 :])
        return f"{text} | project {', '.join(shown)} {below}"

    rewriting.put(pipe, way)


WAYS: Final[dict[str, Callable[..., Any]]] = {
    "operator": _operator,
    "columns": _columns,
    "clash": _clash,
    "star": _star,
    "union": _union,
    "search": _search,
    "find": _find,
    "mv_apply": _mv_apply,
    "partition": _partition,
    "make_series": _make_series,
    "as_table": _as_table,
    "top_nested": _top_nested,
}
