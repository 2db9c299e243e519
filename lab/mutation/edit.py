"""Changes of a query's text that take one condition or one column of a grouping away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lab.kusto.query_tree import Node, parse

_SHOWN: Final = 90


@dataclass(frozen=True)
class Edit:
    """What was taken away (`removed`), from which line of the text, and the text without it."""

    what: str
    removed: str
    line: int
    text: str


def filters(kql: str) -> list[Edit]:
    """Each condition dropped: a `where` step, a conjunct of an `and`, what a countif counts."""
    return _numbered([edit for node in parse(kql).walk() for edit in _without(node, kql)])


def groupings(kql: str) -> list[Edit]:
    """Each column dropped from the `by` of a summarize: its groups fall together, it stays."""
    found: list[Edit] = []
    for node in parse(kql).walk():
        if node.kind == "SummarizeOperator":
            found += _ungrouped(node, kql)
    return _numbered(found)


def _without(node: Node, kql: str) -> Iterator[Edit]:
    if node.kind == "LogicalAndExpression":
        parts = [_operand(child) for child in node.children]
        for number, part in enumerate(parts):
            rest = [each for other, each in enumerate(parts) if other != number]
            kept = " and ".join(kql[each.start : each.end] for each in rest)
            yield _edit("drop", part, kql, node, kept)
    elif node.kind == "PipedOperator" and node.children[-1].kind == "WhereOperator":
        condition = node.children[-1].children[-1]
        if condition.kind != "LogicalAndExpression":
            yield _edit("drop where", condition, kql, node, "")
    elif node.kind == "PipedOperator" and node.children[-1].kind == "JoinOperator":
        join = node.children[-1]
        kinds = [kql[each.start : each.end] for each in join.of("RelaxedQueryOperatorParameter")]
        if any("anti" in kind or "semi" in kind for kind in kinds):
            yield _edit("drop", join, kql, node, "")
    elif node.kind == "NamedFunctionCallExpression":
        yield from _counted(node, kql)


def _counted(node: Node, kql: str) -> Iterator[Edit]:
    """countif(P) counts everything; of `P and Q` each conjunct is dropped by itself."""
    name = kql[node.children[0].start : node.children[0].end]
    if name not in ("countif", "dcountif") or node.children[-2].kind == "LogicalAndExpression":
        return
    condition = node.children[-2]
    kept = "count()"
    if name == "dcountif":
        counted = node.children[2]
        kept = f"dcount({kql[counted.start : counted.end]})"
    yield _edit(f"drop {name}", condition, kql, node, kept)


def _ungrouped(node: Node, kql: str) -> Iterator[Edit]:
    clauses = node.of("SummarizeOperatorByClause")
    if not clauses:
        return
    by = clauses[0]
    columns = [child for child in by.children[1:] if child.kind or kql[child.start] != ","]
    for number, column in enumerate(columns):
        name, value = _named(column, kql)
        if not name:
            continue
        rest = [each for other, each in enumerate(columns) if other != number]
        # One value stands for all: the columns of the result stay the same.
        aggregate = f" {name} = min({value})"
        keyword = node.children[0].end
        before = kql[keyword : by.start]
        kept = aggregate + ("," + before if before.strip() else " ")
        if rest:
            kept += f"by {', '.join(kql[each.start : each.end] for each in rest)}"
        text = kql[:keyword] + kept + kql[by.end :]
        removed = _one_line(kql[column.start : column.end])
        yield Edit(f"drop by {removed}", removed, column.line, text)


def _named(column: Node, kql: str) -> tuple[str, str]:
    """Name and value of a column of a `by`; `bin(A, 1m)` is named after what it bins."""
    text = kql[column.start : column.end]
    if column.kind == "NamedExpression":
        clause = column.children[0]
        return kql[clause.children[0].start : clause.children[0].end], text.split("=", 1)[1].strip()
    if column.kind == "IdentifierName":
        return text, text
    inner = [each for each in column.children if each.kind == "IdentifierName"]
    return (kql[inner[-1].start : inner[-1].end], text) if inner else ("", "")


def _operand(node: Node) -> Node:
    return node.children[-1] if node.kind == "LogicalAndOperation" else node


def _edit(verb: str, removed: Node, kql: str, node: Node, kept: str) -> Edit:
    text = _one_line(kql[removed.start : removed.end])
    return Edit(f"{verb} {text}", text, removed.line, kql[: node.start] + kept + kql[node.end :])


def _one_line(text: str) -> str:
    # A comment of its own line may stand between the parts.
    lines = [line for line in text.splitlines() if not line.strip().startswith("//")]
    return " ".join(" ".join(lines).split())


def _numbered(edits: list[Edit]) -> list[Edit]:
    """Short and unambiguous: the same condition dropped a second time is `... (2)`."""
    seen: dict[str, int] = {}
    found: list[Edit] = []
    for edit in edits:
        what = edit.what if len(edit.what) <= _SHOWN else f"{edit.what[: _SHOWN - 1]}…"
        seen[what] = seen.get(what, 0) + 1
        if seen[what] > 1:
            what = f"{what} ({seen[what]})"
        found.append(Edit(what, edit.removed, edit.line, edit.text))
    return found
