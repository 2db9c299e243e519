"""The columns that each operator of a query leaves, and the refusal of what it does not take."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from lab.kusto import kql_types, nearest_name, operator_name, result_name
from lab.kusto.expressions import NAMES, Expressions, arguments_of
from lab.kusto.kql_types import ARRAY, DYNAMIC, UNKNOWN
from lab.kusto.names_in_scope import LetFunction, RowOfMany, Scope, TableType
from lab.kusto.query_tree import Node, plain_name
from lab.kusto.result_name import Columns, unique
from lab.kusto.signatures import match, result_of, symbols

_NAMED: Final = frozenset(
    {"kind", "isfuzzy", "withsource", "with_source", "with_itemindex", "bagexpansion", "flags"}
)
"""Parameters of operators; unlike SQL's words, they have one spelling."""
_PARAMETERS: Final = ("RelaxedQueryOperatorParameter", "StrictQueryOperatorParameter")
_LEFT_ONLY: Final = ("leftanti", "leftantisemi", "anti", "leftsemi")
_RIGHT_ONLY: Final = ("rightanti", "rightantisemi", "rightsemi")
_JOINS: Final = (
    *("inner", "innerunique", "leftouter", "rightouter", "fullouter"),
    *_LEFT_ONLY,
    *_RIGHT_ONLY,
)
_NAMED_ALIKE: Final = ("sum", "avg", "min", "max", "dcount", "stdev", "sumif", "dcountif")
"""Aggregates whose columns the translator names as Kusto does."""

_CHARTS: Final = (
    *("table", "list", "barchart", "piechart", "ladderchart", "timechart", "linechart"),
    *("anomalychart", "pivotchart", "areachart", "stackedareachart", "scatterchart"),
    *(
        "timepivot",
        "columnchart",
        "timeline",
        "3Dchart",
        "card",
        "treemap",
        "plotly",
        "graph",
        "sankey",
    ),
)
_SCHEMA: Final = {
    "ColumnName": "string",
    "ColumnOrdinal": "long",
    "DataType": "string",
    "ColumnType": "string",
}


class Operators(Expressions):
    """What an operator makes of the rows above it."""

    def rows(self, node: Node, scope: Scope) -> TableType:
        if node.kind == "PipeExpression":
            return self._pipe(node, replace(scope, row=None, right=None, aggregates=False))
        source = _SOURCES.get(node.kind)
        if source is not None:
            self._spelling(node)
            return source(self, node, replace(scope, row=None, right=None, aggregates=False))
        if node.kind in _OPERATORS:
            raise self.refused(
                node, f"{_word(node)} wants rows above it; expected <table> | {_word(node)} …"
            )
        raise self.refused(node, f"{node.text[:60]!r} is not known to the lab")

    def _pipe(self, node: Node, scope: Scope) -> TableType:
        table = self.table(node.children[0], scope)
        for number, each in enumerate(node.children[1:], start=1):
            operator = each.children[-1]
            table = self.operator(operator, scope.over(table))
            if operator.kind.startswith("TopNested"):
                self.note("top_nested", node, number, self.nested)
            elif operator.kind == "AsOperator" and self._is_named_later(node, number, operator):
                self.note("as_table", node, number, plain_name(operator.children[-1]))
        return table

    def _is_named_later(self, pipe: Node, number: int, operator: Node) -> bool:
        name = plain_name(operator.children[-1])
        after = pipe.children[number + 1 :]
        return any(
            each.kind in NAMES and plain_name(each) == name
            for step in after
            for each in step.walk()
        )

    def table(self, node: Node, scope: Scope) -> TableType:
        """The columns of a source; a value is refused."""
        if node.kind == "WildcardedName":
            return self._together(self._matching(node, scope))
        found = self.of(node, scope)
        if isinstance(found, TableType):
            return found
        raise self.refused(node, f"{node.text[:60]!r} is a value; expected a table")

    def operator(self, node: Node, scope: Scope) -> TableType:
        """The columns after an operator over the rows of `scope`."""
        self.note("operator", node, scope.row)
        self._spelling(node)
        method = _OPERATORS.get(node.kind)
        if method is None:
            raise self.refused(node, f"operator {_word(node)!r} is not known to the lab")
        return method(self, node, scope)

    def _spelling(self, node: Node) -> None:
        """Refuse a parameter in other letters: it has one spelling."""
        for each in node.children:
            name = _word_of(each) if each.kind in _PARAMETERS else ""
            if name not in _NAMED and name.lower() in _NAMED:
                known = f"did you mean {name.lower()!r}?"
                raise self.refused(each, f"parameter {name!r} is unknown; {known}")

    # -- operators that keep the columns ----------------------------------------------------

    def _same(self, node: Node, scope: Scope) -> TableType:
        return _row(scope)

    def _where(self, node: Node, scope: Scope) -> TableType:
        self.predicate(node.children[-1], scope)
        return _row(scope)

    def _take(self, node: Node, scope: Scope) -> TableType:
        self.integer(node.children[-1], scope)
        return _row(scope)

    def _sort(self, node: Node, scope: Scope) -> TableType:
        for each in _after(node, "by"):
            self.not_dynamic(_unordered(each), scope)
        return _row(scope)

    def _top(self, node: Node, scope: Scope) -> TableType:
        self.integer(_first(node), scope)
        self.scalar(_unordered(node.children[-1]), scope)
        return _row(scope)

    def _as(self, node: Node, scope: Scope) -> TableType:
        self.later[plain_name(node.children[-1])] = _row(scope)
        return _row(scope)

    def _render(self, node: Node, scope: Scope) -> TableType:
        chart = node.children[1]
        if chart.text not in _CHARTS:
            raise self.refused(
                chart,
                f"chart {chart.text!r} is unknown; {nearest_name.expected(chart.text, _CHARTS)}",
            )
        return _row(scope)

    # -- operators that make columns --------------------------------------------------------

    def _count(self, node: Node, scope: Scope) -> TableType:
        return TableType({"Count": "long"})

    def _getschema(self, node: Node, scope: Scope) -> TableType:
        return TableType(_SCHEMA)

    def _project(self, node: Node, scope: Scope) -> TableType:
        columns = Columns()
        self._fill(columns, _items(node), scope, once=True)
        return TableType(columns.kinds)

    def _extend(self, node: Node, scope: Scope) -> TableType:
        made = Columns()
        self._fill(made, _items(node), scope, once=True, also=_row(scope).columns)
        folded = {name.casefold(): name for name in _row(scope).columns}
        for name in made.kinds:
            if folded.get(name.casefold(), name) != name:
                self.note("clash", node, name, folded[name.casefold()])
        return _with(_row(scope), made.kinds)

    def _fill(
        self,
        columns: Columns,
        items: Iterable[Node],
        scope: Scope,
        *,
        once: bool = False,
        also: Iterable[str] = (),
    ) -> None:
        """Add the columns that expressions make."""
        for each in items:
            value = each.children[-1] if each.kind == "NamedExpression" else each
            found = self.of(value, scope)
            names = result_name.given(each)
            if isinstance(found, TableType):
                raise self.refused(value, f"{value.text[:60]!r} is a table; expected a value")
            if isinstance(found, RowOfMany):
                several = list(found.columns.items())
                for number, (own, kind) in enumerate(several):
                    columns.add(names[number] if number < len(names) else own, kind)
                continue
            if len(names) > 1:
                raise self.refused(
                    each, f"{value.text[:60]!r} is one value; expected one name for it"
                )
            name = names[0] if names else result_name.of(each, self.symbol, scope.row)
            if once and name is not None and name in columns.kinds:
                raise self.refused(
                    each, f"column {name!r} is made twice; expected a name of its own"
                )
            if name is None and also:
                while f"Column{columns.unnamed + 1}" in also:
                    columns.unnamed += 1
            columns.add(name, kql_types.plain(found) if found.endswith(":value") else found)

    def _distinct(self, node: Node, scope: Scope) -> TableType:
        target = node.children[-1]
        if target.kind == "DistinctOperatorStarTarget":
            for name, kind in _row(scope).columns.items():
                if kql_types.is_dynamic(kind):
                    raise self.refused(
                        target,
                        f"column {name!r} is a dynamic, which distinct cannot take;"
                        " expected the columns by name, or project-away before it",
                    )
            self.note("columns", node, "distinct", list(_row(scope).columns))
            return _row(scope)
        items = [target] if target.kind != "DistinctOperatorColumnListTarget" else target.children
        parameter = [each for each in node.children if each.kind in _PARAMETERS]
        if parameter and not _word_of(parameter[0]).startswith("hint."):
            return TableType(is_open=True)  # `distinct x = f(y)`, which the grammar reads amiss
        columns = Columns()
        given = [each for each in items if each.text != ","]
        for each in given:
            self.not_dynamic(each.children[-1] if each.kind == "NamedExpression" else each, scope)
        self._fill(columns, given, scope, once=True)
        return TableType(columns.kinds)

    def _summarize(self, node: Node, scope: Scope) -> TableType:
        columns = Columns()
        by = node.of("SummarizeOperatorByClause")
        groups = list(_items(by[0])) if by else []
        for each in groups:
            self.not_dynamic(each, scope)
        self._declared_once(groups)
        self._fill(columns, groups, scope)
        within = set(columns.kinds)
        inside = replace(scope, aggregates=True)
        for each in _items(node):
            if each.kind != "SummarizeOperatorByClause":
                self._aggregate(columns, each, inside, within)
        return TableType(columns.kinds)

    def _declared_once(self, items: Iterable[Node]) -> None:
        names: set[str] = set()
        for each in items:
            own = result_name.given(each) or ([plain_name(each)] if each.kind in NAMES else [])
            if own and own[0] in names:
                raise self.refused(
                    each, f"column {own[0]!r} is made twice; expected a name of its own"
                )
            names.update(own)

    def _aggregate(self, columns: Columns, node: Node, scope: Scope, by: set[str]) -> None:
        value = node.children[-1] if node.kind == "NamedExpression" else node
        names = result_name.given(node)
        called = value.children[0].text if value.kind == "NamedFunctionCallExpression" else ""
        if called in ("arg_max", "arg_min", "argmax", "argmin", "any", "take_any"):
            self.scalar(value, scope)
            made = []
            for number, (own, kind) in enumerate(self._of_row(value, called, scope, by)):
                made.append(columns.add(names[number] if number < len(names) else own, kind))
            if "*" in value.text and called in ("any", "take_any"):
                others = [name for name in _row(scope).columns if name not in by]
                self.note("each_column", node, list(zip(made, others, strict=False)))
        elif called in ("percentiles", "percentilesw"):
            self.scalar(value, scope)
            kind = kql_types.promoted(
                self.scalar(value.children[2], replace(scope, aggregates=False))
            )
            of = result_name.of(value.children[2], self.symbol) or ""
            made = []
            shares = list(_arguments(value))[1 + called.endswith("w") :]
            for number, each in enumerate(shares):
                share = f"percentile_{of}_{_as_name(each.text)}"
                made.append(columns.add(names[number] if number < len(names) else share, kind))
            if called == "percentiles":
                self.note("percentiles", node, made, value.children[2], shares)
        else:
            kind = self.scalar(value, scope)
            name = names[0] if names else self._aggregate_name(value, called)
            own = columns.add(name, kind)
            if not names and called not in _NAMED_ALIKE and value.kind != "CountExpression":
                self.note("named", node, own)

    def _aggregate_name(self, value: Node, called: str) -> str | None:
        if called in ("percentile", "percentilew"):
            first, *others = _arguments(value)
            of = result_name.of(first, self.symbol) or ""
            return f"percentile_{of}_{_as_name(others[-1].text)}" if others else None
        return result_name.of(
            value, lambda name: symbols("aggregates").get(name) or self.symbol(name)
        )

    def _of_row(
        self, node: Node, called: str, scope: Scope, by: set[str]
    ) -> Iterator[tuple[str | None, str]]:
        """The columns of arg_max(), arg_min() and take_any()."""
        inside = replace(scope, aggregates=False)
        row = _row(scope).columns
        takes_any = called in ("any", "take_any")
        given = [each for each in _arguments(node)]
        first = None if takes_any else result_name.of(given[0], self.symbol)
        for number, each in enumerate(given):
            if each.text == "*":
                for column, kind in row.items():
                    if column not in by and column != first:
                        yield (f"any_{column}" if called == "any" else column), kind
                continue
            value = each.children[-1] if each.kind == "NamedExpression" else each
            kind = self.scalar(value, inside)
            name = result_name.of(each, self.symbol)
            if called == "any" and len(given) == 1 and name:
                name = f"any_{name}"
            if number == 0 and called in ("argmax", "argmin"):
                name = f"{called[3:]}_{name}"
            yield name, kind

    # -- operators on columns ---------------------------------------------------------------

    def chosen(self, items: Iterable[Node], row: TableType) -> list[str]:
        """The columns that names and patterns such as `Cs*` stand for, in order."""
        found: dict[str, None] = {}
        for each in items:
            node = each.children[0] if each.kind == "ProjectReorderExpression" else each
            if node.kind == "WildcardedName" or node.text == "*":
                like = _like(node.text, row.columns)
                if not like and not row.is_open:
                    raise self.refused(
                        node, f"no column is like {node.text!r}; expected one that there is"
                    )
                found |= dict.fromkeys(like)
            else:
                self.column(node, row)
                found[plain_name(node)] = None
        return list(found)

    def _project_away(self, node: Node, scope: Scope) -> TableType:
        row = _row(scope)
        gone = self.chosen(_items(node), row)
        if "*" in node.text:
            self.note("columns", node, "project-away", gone)
        return TableType({n: k for n, k in row.columns.items() if n not in gone}, row.is_open)

    def _project_keep(self, node: Node, scope: Scope) -> TableType:
        row = _row(scope)
        kept = set(self.chosen(_items(node), row))
        found = {n: k for n, k in row.columns.items() if n in kept}
        self.note("columns", node, "project", list(found))
        return TableType(found)

    def _project_reorder(self, node: Node, scope: Scope) -> TableType:
        row = _row(scope)
        first: dict[str, None] = {}
        for each in _items(node):
            names = [name for name in self.chosen([each], row) if name not in first]
            if each.kind == "ProjectReorderExpression":
                names.sort(reverse=each.children[-1].text.endswith("desc"))
            first |= dict.fromkeys(names)
        order = [*(name for name in first if name in row.columns)]
        order += [name for name in row.columns if name not in first]
        self.note("columns", node, "project", order)
        return TableType({name: row.columns[name] for name in order}, row.is_open)

    def _project_rename(self, node: Node, scope: Scope) -> TableType:
        row = _row(scope)
        new: dict[str, str] = {}
        for each in _items(node):
            names = result_name.given(each)
            if not names:
                raise self.refused(each, f"{each.text!r} is not in form; expected New = Old")
            self.column(each.children[-1], row)
            new[plain_name(each.children[-1])] = names[0]
        for each in _items(node):
            name = result_name.given(each)[0]
            if name in row.columns or list(new.values()).count(name) > 1:
                raise self.refused(each, f"column {name!r} is there already; expected another name")
        renamed = {new.get(name, name): kind for name, kind in row.columns.items()}
        return TableType(renamed, row.is_open)

    # -- operators that parse ---------------------------------------------------------------

    def _parse(self, node: Node, scope: Scope) -> TableType:
        at = next(n for n, each in enumerate(node.children) if each.text == "with")
        self.scalar(node.children[at - 1], scope)
        made: dict[str, str] = {}
        for segment in node.children[at + 1 :]:
            made |= dict(self._captured(segment))
        return _with(_row(scope), made)

    def _captured(self, node: Node) -> Iterator[tuple[str, str]]:
        if node.kind == "ParseOperatorNameAndOptionalType":
            kind = node.children[-1].text if len(node.children) > 1 else "string"
            yield plain_name(node.children[0]), kql_types.SPELLINGS.get(kind, kind)
        elif node.kind in NAMES:
            yield plain_name(node), "string"
        else:
            for each in node.children:
                if each.kind != "StringLiteralExpression":
                    yield from self._captured(each)

    def _parse_kv(self, node: Node, scope: Scope) -> TableType:
        self.scalar(node.children[1], scope)
        schema = node.of("RowSchema")
        return _with(_row(scope), self.schema(schema[0]) if schema else {})

    def schema(self, node: Node) -> dict[str, str]:
        """The columns that `(name: type, …)` declares."""
        found = {}
        for each in node.walk():
            if each.kind in (
                "RowSchemaColumnDeclaration",
                "TabularParameterRowSchemaColumnDeclaration",
            ):
                kind = each.children[-1].text
                found[plain_name(each.children[0])] = kql_types.SPELLINGS.get(kind, kind)
        return found

    # -- several tables ---------------------------------------------------------------------

    def _join(self, node: Node, scope: Scope) -> TableType:
        right, kind = self._right(node, scope)
        if kind is not None and kind not in _JOINS:
            where = _parameter(node, "kind") or node
            raise self.refused(
                where, f"join kind {kind!r} is unknown; {nearest_name.expected(kind, _JOINS)}"
            )
        self._on(node, replace(scope, right=right))
        left = _row(scope)
        columns = Columns()
        if kind not in _RIGHT_ONLY:
            for name, each in left.columns.items():
                columns.add(name, each)
        if kind not in _LEFT_ONLY:
            for name, each in right.columns.items():
                columns.add(name, each)
        return TableType(columns.kinds, left.is_open or right.is_open)

    def _lookup(self, node: Node, scope: Scope) -> TableType:
        right, _ = self._right(node, scope)
        keys = self._on(node, replace(scope, right=right))
        columns = Columns()
        for name, each in _row(scope).columns.items():
            columns.add(name, each)
        for name, each in right.columns.items():
            if name not in keys:
                columns.add(name, each)
        return TableType(columns.kinds, _row(scope).is_open or right.is_open)

    def _right(self, node: Node, scope: Scope) -> tuple[TableType, str | None]:
        clause = next(
            (n for n, each in enumerate(node.children) if each.kind.startswith("JoinOperator")),
            None,
        )
        if clause is None:
            raise self.refused(node, f"{_word(node)} has no `on`; expected on <column>")
        source = node.children[clause - 1]
        kind = _parameter(node, "kind")
        table = self.table(source, replace(scope, row=None, right=None))
        return table, kind.children[-1].text if kind is not None else None

    def _on(self, node: Node, scope: Scope) -> set[str]:
        """Check the condition; the columns of the right that are keys."""
        clause = next(each for each in node.children if each.kind.startswith("JoinOperator"))
        if clause.kind == "JoinOperatorWhereClause":
            self.predicate(clause.children[-1], scope)
            return set()
        keys: set[str] = set()
        for each in clause.children[1:]:
            if each.text != ",":
                keys |= self._key(each, scope)
        return keys

    def _key(self, node: Node, scope: Scope) -> set[str]:
        if node.kind == "ParenthesizedExpression":
            return self._key(node.children[1], scope)
        if node.kind == "LogicalAndExpression":
            first = self._key(node.children[0], scope)
            return first.union(*(self._key(each.children[1], scope) for each in node.children[1:]))
        if node.kind in NAMES:
            kinds = [self.column(node, scope.row), self.column(node, scope.right)]
            self._same_kind(node, kinds, promote=False)
            return {plain_name(node)}
        if (
            node.kind == "EqualityExpression"
            and node.children[1].kind == "EqualsEqualityExpression"
        ):
            tail = node.children[1]
            if tail.children[0].text == "==":
                return self._sides(node, node.children[0], tail.children[1], scope)
        raise self.refused(
            node,
            f"{node.text!r} is no key of a join; expected a column, or $left.<column> =="
            " $right.<column>",
        )

    def _sides(self, node: Node, left: Node, right: Node, scope: Scope) -> set[str]:
        kinds = []
        for side, given, row in (("$left", left, scope.row), ("$right", right, scope.right)):
            root = given.children[0] if given.children else given
            if given.kind != "FunctionCallOrPathPathExpression" or root.text != side:
                raise self.refused(
                    given, f"{given.text!r} is no side of a join; expected {side}.<column>"
                )
            kinds.append(self.column(given.children[1].children[1], row))
        self._same_kind(node, kinds, promote=True)
        return {plain_name(right.children[1].children[1])}

    def _same_kind(self, node: Node, kinds: Sequence[str], *, promote: bool) -> None:
        if any(kql_types.is_dynamic(each) for each in kinds) and promote:
            raise self.refused(
                node, f"{node.text!r} has a dynamic; expected tostring() of it before the join"
            )
        own = [kql_types.promoted(each) if promote else kql_types.plain(each) for each in kinds]
        if UNKNOWN not in own and own[0] != own[1]:
            raise self.refused(
                node, f"{node.text!r} joins a {own[0]} and a {own[1]}; expected two of one type"
            )

    def _union(self, node: Node, scope: Scope) -> TableType:
        tables = [] if scope.row is None else [scope.row]
        inner = replace(scope, row=None)
        fuzzy = _parameter(node, "isfuzzy")
        is_fuzzy = fuzzy is not None and fuzzy.children[-1].text == "true"
        sources: list[Node | str] = []
        for each in _items(node):
            if each.kind == "WildcardedName" or each.text == "*":
                tables += self._matching(each, inner)
                sources += _like(each.text, inner.tables)
            elif not (
                is_fuzzy and each.kind in NAMES and not self._is_known(plain_name(each), inner)
            ):
                tables.append(self.table(each, inner))
                sources.append(each)
        if fuzzy is not None or "*" in node.text:
            named = {each: scope.tables[each] for each in sources if isinstance(each, str)}
            source = _parameter(node, "withsource")
            name = plain_name(source.children[-1]) if source is not None else None
            self.note("union", node, sources, scope.row is not None, named, name)
        source = _parameter(node, "withsource")
        made = {plain_name(source.children[-1]): "string"} if source is not None else {}
        found = self._together(tables)
        kind = _parameter(node, "kind")
        if kind is not None and kind.children[-1].text not in ("inner", "outer"):
            raise self.refused(kind, f"{kind.text!r} is unknown; expected kind=inner or kind=outer")
        if kind is not None and kind.children[-1].text == "inner" and tables:
            shared = set(tables[0].columns).intersection(*(each.columns for each in tables[1:]))
            found = TableType({n: k for n, k in found.columns.items() if n in shared})
        return TableType({**made, **found.columns}, found.is_open)

    def _is_known(self, name: str, scope: Scope) -> bool:
        return name in scope.tables or name in scope.names

    def _matching(self, node: Node, scope: Scope) -> list[TableType]:
        names = _like(node.text, scope.tables)
        if not names:
            expectation = nearest_name.expected_table(node.text.strip("*"), list(scope.tables))
            raise self.refused(node, f"no table is like {node.text!r}; {expectation}")
        for each in names:
            self.note("table", node, each)
        return [scope.tables[each] for each in names]

    def _together(self, tables: Sequence[TableType]) -> TableType:
        """The columns of a union; one that has two types becomes two."""
        kinds: dict[str, dict[str, None]] = {}
        for each in tables:
            for name, kind in each.columns.items():
                kinds.setdefault(name, {})[kql_types.plain(kind)] = None
        columns: dict[str, str] = {}
        for name, found in kinds.items():
            if len(found) == 1:
                columns[name] = next(iter(found))
            else:
                columns |= {unique(f"{name}_{kind}", columns): kind for kind in found}
        return TableType(columns, any(each.is_open for each in tables))

    # -- dynamic values ---------------------------------------------------------------------

    def _mv_expand(self, node: Node, scope: Scope) -> TableType:
        made, index = self._expanded(node, scope)
        row = _row(scope)
        return _with(TableType({**row.columns, **index}, row.is_open), made)

    def _expanded(self, node: Node, scope: Scope) -> tuple[dict[str, str], dict[str, str]]:
        made: dict[str, str] = {}
        index: dict[str, str] = {}
        counted = _parameter(node, "with_itemindex")
        if counted is not None:
            index[plain_name(counted.children[-1])] = "long"
        for each in _items(node):
            if each.kind.startswith("MvapplyOperator") and not each.kind.endswith("Expression"):
                continue
            if each.text == "on" or each.text in "()" or each.kind == "PipeSubExpression":
                break
            item, kind = each, DYNAMIC
            if each.kind in ("MvexpandOperatorExpression", "MvapplyOperatorExpression"):
                item = each.children[0]
                kind = each.children[-1].children[-1].text.partition("(")[2].rstrip(") ")
                kind = kql_types.SPELLINGS.get(kind, kind)
            value = item.children[-1] if item.kind == "NamedExpression" else item
            found = self.scalar(value, scope)
            if not kql_types.is_dynamic(found) and found != UNKNOWN:
                raise self.refused(value, f"{value.text!r} is a {found}; expected a dynamic")
            made[result_name.of(item, self.symbol) or unique("Column1", made)] = kind
        return made, index

    def _mv_apply(self, node: Node, scope: Scope) -> TableType:
        made, index = self._expanded(node, scope)
        row = _row(scope)
        inside = _with(TableType({**row.columns, **index}, row.is_open), made)
        after = self.sub(node.children[-2], scope.over(inside))
        self.note("mv_apply", node, made, row)
        columns = Columns()
        for name, kind in row.columns.items():
            if name not in made:
                columns.add(name, kind)
        for name, kind in after.columns.items():
            if name not in row.columns or name in made:
                columns.add(name, kind)
        return TableType(columns.kinds, row.is_open)

    def sub(self, node: Node, scope: Scope) -> TableType:
        """The columns after the operators inside of brackets."""
        if node.kind != "PipeSubExpression":
            return self.operator(node, scope)
        table = self.operator(node.children[0], scope)
        for each in node.children[1:]:
            table = self.operator(each.children[-1], scope.over(table))
        return table

    # -- series -----------------------------------------------------------------------------

    def _make_series(self, node: Node, scope: Scope) -> TableType:
        columns = Columns()
        by = node.of("MakeSeriesOperatorByClause")
        groups = list(_items(by[0])) if by else []
        for each in groups:
            self.not_dynamic(each, scope)
        self._fill(columns, groups, scope)
        named = list(zip(columns.kinds, map(_value_of, groups), strict=True))
        series: list[tuple[str, Node, Node | None]] = []
        inside = replace(scope, aggregates=True)
        for each in _items(node):
            if each.kind.startswith("MakeSeriesOperator") and each.kind != _SERIES:
                continue
            item = each.children[0] if each.kind == _SERIES else each
            value = item.children[-1] if item.kind == "NamedExpression" else item
            self.scalar(value, inside)
            names = result_name.given(item)
            called = value.children[0].text if value.children else ""
            own = columns.add(names[0] if names else self._aggregate_name(value, called), ARRAY)
            series.append(
                (own, value, each.children[-1].children[-1] if item is not each else None)
            )
        axis = node.of("MakeSeriesOperatorOnClause")[0].children[-1]
        kind = self.scalar(axis, scope)
        for each in node.children:
            if each.kind in (
                "MakeSeriesOperatorInRangeClause",
                "MakeSeriesOperatorFromToStepClause",
            ):
                *_, step = (end for end in each.children if end.kind)
                kinds = [self.scalar(end, scope) for end in each.children if end.kind]
                self._interval(step, kinds[-1], kind)
        made = columns.add(result_name.of(axis, self.symbol), ARRAY)
        self.note("make_series", node, series, (made, axis), _ends(node), named)
        return TableType(columns.kinds)

    def _interval(self, node: Node, kind: str, axis: str) -> None:
        symbol = symbols("operators")["Add"]
        found = match(symbol, [kind, axis])
        together = result_of(symbol, *found, [kind, axis]) if found else None
        if (
            axis == "timespan"
            or UNKNOWN in (kind, axis)
            or together in (axis, kql_types.promoted(axis))
        ):
            return
        raise self.refused(
            node, f"{node.text!r} is a {kind}, no step of a {axis}; expected one such as 1h or 1"
        )

    # -- the rarer ones ---------------------------------------------------------------------

    def _top_nested(self, node: Node, scope: Scope) -> TableType:
        columns = Columns()
        self.nested: list[tuple[Node | None, str, Node, str, Node]] = []
        for part in node.walk():
            if part.kind != "TopNestedOperatorPart":
                continue
            words = [each.text for each in part.children]
            of = part.children[words.index("of") + 1]
            kind = self.scalar(of, scope)
            name = result_name.of(of, self.symbol)
            columns.add(name, kind)
            ordered = _unordered(part.children[words.index("by") + 1])
            value = ordered.children[-1] if ordered.kind == "NamedExpression" else ordered
            measured = self.scalar(value, replace(scope, aggregates=True))
            names = result_name.given(ordered)
            own = columns.add(names[0] if names else f"aggregated_{name}", measured)
            most = part.children[1] if words[1] != "of" else None
            self.nested.append((most, name or "Column1", of, own, value))
        return TableType(columns.kinds)

    def _top_hitters(self, node: Node, scope: Scope) -> TableType:
        self.integer(_first(node), scope)
        of = node.children[3]
        kind = self.scalar(of, scope)
        by = node.of("TopHittersOperatorByClause")
        name = result_name.of(of, self.symbol)
        columns = Columns()
        columns.add(name, kind)
        if not by:
            columns.add(f"approximate_count_{name}", "long")
        else:
            measured = _unordered(by[0].children[1])
            columns.add(
                f"approximate_sum_{result_name.of(measured, self.symbol)}",
                self.scalar(measured, scope),
            )
        return TableType(columns.kinds)

    def _sample_distinct(self, node: Node, scope: Scope) -> TableType:
        self.integer(node.children[1], scope)
        kind = self.column(node.children[-1], scope.row)
        return TableType({plain_name(node.children[-1]): kind})

    def _reduce(self, node: Node, scope: Scope) -> TableType:
        self.scalar(node.children[2], scope)
        return TableType({"Pattern": "string", "Count": "long", "Representative": "string"})

    def _serialize(self, node: Node, scope: Scope) -> TableType:
        if len(node.children) < 2:
            return _row(scope)
        return self._extend(node, scope)

    def _partition(self, node: Node, scope: Scope) -> TableType:
        words = [each.text for each in node.children]
        self.column(node.children[words.index("by") + 1], scope.row)
        body = node.children[-1]
        inner = next(each for each in body.children if each.kind)
        key = node.children[words.index("by") + 1]
        self.note("partition", node, plain_name(key), inner)
        if body.kind == "PartitionOperatorFullExpressionBody":
            return self.rows(inner, scope)
        return self.sub(inner, scope)

    def _scan(self, node: Node, scope: Scope) -> TableType:
        made = {}
        for each in node.walk():
            if each.kind == "ScalarParameter":
                made[plain_name(each.children[0])] = each.children[2].text
        return TableType({**_with(_row(scope), made).columns, "match_id": "long"}, is_open=True)

    def _evaluate(self, node: Node, scope: Scope) -> TableType:
        call = next(each for each in node.children if each.kind == "NamedFunctionCallExpression")
        name = call.children[0].text
        if name not in symbols("plugins"):
            known = list(symbols("plugins"))
            raise self.refused(
                call.children[0],
                f"plugin {name!r} does not exist; {nearest_name.expected_function(name, known)}",
            )
        declared = node.of("EvaluateOperatorSchemaClause")
        if declared:
            return TableType(self.schema(declared[0]))
        row = _row(scope)
        arguments = list(_arguments(call))
        if name == "bag_unpack" and arguments:
            self.scalar(arguments[0], scope)
            gone = result_name.of(arguments[0], self.symbol)
            return TableType({n: k for n, k in row.columns.items() if n != gone}, is_open=True)
        if name == "narrow":
            return TableType({"Row": "long", "Column": "string", "Value": "string"})
        if name == "pivot" and arguments:
            self.column(arguments[0], row)
            kept = [plain_name(each) for each in arguments[2:]] or [
                each for each in row.columns if each != plain_name(arguments[0])
            ]
            return TableType({n: row.columns.get(n, UNKNOWN) for n in kept}, is_open=True)
        return TableType(row.columns, is_open=True)

    def _invoke(self, node: Node, scope: Scope) -> TableType:
        call = node.children[-1]
        name = call.children[0].text
        meaning = scope.names.get(name)
        if not isinstance(meaning, LetFunction):
            raise self.refused(
                call.children[0],
                f"function {name!r} does not exist; expected one that the query defines",
            )
        if not meaning.parameters or not isinstance(meaning.parameters[0][1], TableType):
            raise self.refused(
                call.children[0], f"function {name!r} takes no table; expected (T:(*)) first"
            )
        first = meaning.parameters[0][0]
        inner = replace(
            meaning,
            parameters=meaning.parameters[1:],
            scope=meaning.scope.named(first, _row(scope)),
        )
        found = self._call_let(call, inner, list(_arguments(call)), scope)
        return found if isinstance(found, TableType) else _row(scope)

    def _several_results(self, node: Node, scope: Scope) -> TableType:
        raise self.refused(
            node,
            f"{_word(node)} gives several tables, which the lab does not show;"
            " expected one query for each",
        )

    # -- sources ----------------------------------------------------------------------------

    def _union_source(self, node: Node, scope: Scope) -> TableType:
        self.note("operator", node, None)
        return self._union(node, scope)

    def _print(self, node: Node, scope: Scope) -> TableType:
        columns: dict[str, str] = {}
        for number, each in enumerate(_items(node)):
            made = Columns()
            self._fill(made, [each], scope)
            for name, kind in made.kinds.items():
                own = name if result_name.given(each) or not name.startswith("Column") else ""
                own = own if result_name.given(each) else f"print_{number}"
                columns[own] = kind
        return TableType(columns)

    def _range(self, node: Node, scope: Scope) -> TableType:
        ends = [node.children[3], node.children[5], node.children[7]]
        kinds = [self.scalar(each, scope) for each in ends]
        for each, kind in zip(ends, kinds, strict=True):
            if not kql_types.fits("Summable", kind):
                raise self.refused(each, f"{each.text!r} is a {kind}; expected a number or a time")
        kind = kinds[0] if kinds[0] in ("datetime", "timespan") else kql_types.widest(kinds)
        return TableType({plain_name(node.children[1]): kql_types.promoted(kind)})

    def _datatable(self, node: Node, scope: Scope) -> TableType:
        opened = next(n for n, each in enumerate(node.children) if each.text == "[")
        columns = self.schema(node)
        values = [each for each in node.children[opened + 1 : -1] if each.text != ","]
        for each in values:
            self.scalar(each, scope)
        if columns and len(values) % len(columns):
            raise self.refused(
                node,
                f"datatable has {len(values)} values for {len(columns)} columns;"
                " expected a value for each column of each row",
            )
        return TableType(columns)

    def _external(self, node: Node, scope: Scope) -> TableType:
        raise self.refused(
            node,
            "externaldata reads a file from the network, which the lab does not; expected the"
            " values in a datatable or a dynamic([…])",
        )

    def _search(self, node: Node, scope: Scope) -> TableType:
        tables = self.searched(node, scope)
        found = {"$table": "string", **self._together([*tables.values()]).columns}
        row = TableType(found)
        self.note("search", node, tables, row)
        self._sought(node.children[-1], scope.over(row))
        return row

    def _sought(self, node: Node, scope: Scope) -> None:
        """A text by itself is sought in all columns; anything else is a predicate."""
        if node.kind in ("StringLiteralExpression", "SearchOperatorStarAndExpression") or (
            node.text == "*"
        ):
            for each in node.children:
                if each.kind and each.kind != "StarExpression" and node.kind[:6] == "Search":
                    self._sought(each, scope)
        elif node.kind in ("LogicalAndExpression", "LogicalOrExpression"):
            self._sought(node.children[0], scope)
            for each in node.children[1:]:
                self._sought(each.children[1], scope)
        elif node.kind == "ParenthesizedExpression":
            self._sought(node.children[1], scope)
        elif node.kind == "NamedFunctionCallExpression" and node.children[0].text == "not":
            self._sought(node.children[2], scope)
        else:
            self.predicate(node, scope)

    def searched(self, node: Node, scope: Scope) -> dict[str, TableType]:
        """The tables that `search` or `find` looks through, by name."""
        if scope.row is not None:
            return {"": scope.row}
        clause = next((each for each in node.walk() if each.kind in _IN_CLAUSES), None)
        if clause is None:
            for name in scope.tables:
                self.note("table", node, name)
            return dict(scope.tables)
        found: dict[str, TableType] = {}
        for each in clause.children[2:-1]:
            if each.kind == "WildcardedName" or each.text == "*":
                self._matching(each, scope)
                found |= {name: scope.tables[name] for name in _like(each.text, scope.tables)}
            elif each.text != ",":
                found[each.text] = self.table(each, scope)
        return found

    def _find(self, node: Node, scope: Scope) -> TableType:
        tables = self.searched(node, scope)
        together = self._together([*tables.values()])
        where = next(
            (
                node.children[n + 1]
                for n, each in enumerate(node.children)
                if each.kind == "FindOperatorParametersWhereClause" or each.text == "where"
            ),
            None,
        )
        if where is not None:
            self._sought(where, scope.over(together))
        project = node.of("FindOperatorProjectClause")
        source = next(
            (e for e in node.walk() if e.kind in _PARAMETERS and _word_of(e) == "withsource"), None
        )
        name = plain_name(source.children[-1]) if source is not None else "source_"
        columns = {name: "string"}
        for each in project[0].children[1:] if project else ():
            shown = (
                each.children[0] if each.kind.startswith("FindOperator") and each.children else each
            )
            if shown.kind in NAMES:
                self.column(shown, together)
                columns[plain_name(shown)] = together.columns[plain_name(shown)]
            elif each.text != ",":
                columns["pack_"] = DYNAMIC
        if not project:
            columns |= together.columns
        self.note("find", node, tables, together, where, name, list(columns))
        return TableType(columns)


_SERIES: Final = "MakeSeriesOperatorAggregation"
_IN_CLAUSES: Final = ("SearchOperatorInClause", "FindOperatorInClause")
_Method = Callable[[Operators, Node, Scope], TableType]
_OPERATORS: Final[dict[str, _Method]] = {
    "WhereOperator": Operators._where,
    "TakeOperator": Operators._take,
    "SampleOperator": Operators._take,
    "SortOperator": Operators._sort,
    "TopOperator": Operators._top,
    "RenderOperator": Operators._render,
    "ConsumeOperator": Operators._same,
    "AssertSchemaOperator": Operators._same,
    "AsOperator": Operators._as,
    "CountOperator": Operators._count,
    "GetSchemaOperator": Operators._getschema,
    "ProjectOperator": Operators._project,
    "ExtendOperator": Operators._extend,
    "SerializeOperator": Operators._serialize,
    "DistinctOperator": Operators._distinct,
    "SummarizeOperator": Operators._summarize,
    "ProjectAwayOperator": Operators._project_away,
    "ProjectKeepOperator": Operators._project_keep,
    "ProjectReorderOperator": Operators._project_reorder,
    "ProjectRenameOperator": Operators._project_rename,
    "ParseOperator": Operators._parse,
    "ParseWhereOperator": Operators._parse,
    "ParseKvOperator": Operators._parse_kv,
    "JoinOperator": Operators._join,
    "LookupOperator": Operators._lookup,
    "UnionOperator": Operators._union,
    "MvexpandOperator": Operators._mv_expand,
    "MvapplyOperator": Operators._mv_apply,
    "MakeSeriesOperator": Operators._make_series,
    "TopNestedOperator": Operators._top_nested,
    "TopNestedOperatorPart": Operators._top_nested,
    "TopHittersOperator": Operators._top_hitters,
    "SampleDistinctOperator": Operators._sample_distinct,
    "ReduceByOperator": Operators._reduce,
    "PartitionOperator": Operators._partition,
    "PartitionByOperator": Operators._partition,
    "ScanOperator": Operators._scan,
    "EvaluateOperator": Operators._evaluate,
    "InvokeOperator": Operators._invoke,
    "SearchOperator": Operators._search,
    "FindOperator": Operators._find,
    "ForkOperator": Operators._several_results,
    "FacetByOperator": Operators._several_results,
}
_SOURCES: Final[dict[str, _Method]] = {
    "UnionOperator": Operators._union_source,
    "PrintOperator": Operators._print,
    "RangeExpression": Operators._range,
    "DataTableExpression": Operators._datatable,
    "ContextualDataTableExpression": Operators._datatable,
    "ExternalDataExpression": Operators._external,
    "SearchOperator": Operators._search,
    "FindOperator": Operators._find,
}


def _row(scope: Scope) -> TableType:
    return scope.row or TableType(is_open=True)


def _with(row: TableType, made: dict[str, str]) -> TableType:
    """Columns that are there already keep their place."""
    return TableType({**row.columns, **made}, row.is_open)


def _items(node: Node) -> Iterator[Node]:
    """What is listed behind an operator's words, without its parameters."""
    words = ("by", "on", "of", ",", "project")
    return (
        each
        for each in node.children[1:]
        if each.text not in words and each.kind not in _PARAMETERS
    )


def _arguments(node: Node) -> Iterator[Node]:
    return (each for each in node.children[2:-1] if each.text != ",")


def _after(node: Node, word: str) -> Iterator[Node]:
    seen = False
    for each in arguments_of(node):
        if seen:
            yield each
        seen = seen or each.text == word


def _value_of(node: Node) -> Node:
    return node.children[-1] if node.kind == "NamedExpression" else node


def _ends(node: Node) -> tuple[Node | None, Node | None, Node]:
    """Where a series begins and ends, and its step."""
    for clause in node.children:
        if clause.kind == "MakeSeriesOperatorInRangeClause":
            first, last, step = (each for each in clause.children if each.kind)
            return first, last, step
        if clause.kind == "MakeSeriesOperatorFromToStepClause":
            words = [each.text for each in clause.children]
            found = {
                word: clause.children[words.index(word) + 1]
                for word in ("from", "to", "step")
                if word in words
            }
            return found.get("from"), found.get("to"), found["step"]
    return None, None, node.children[-1]


def _first(node: Node) -> Node:
    return next(each for each in node.children[1:] if each.kind not in _PARAMETERS)


def _unordered(node: Node) -> Node:
    return node.children[0] if node.kind == "OrderedExpression" else node


def _parameter(node: Node, name: str) -> Node | None:
    return next(
        (each for each in node.children if each.kind in _PARAMETERS and _word_of(each) == name),
        None,
    )


def _word_of(node: Node) -> str:
    return node.children[0].text if node.children else node.text


def _word(node: Node) -> str:
    words = [each.text for each in node.walk() if not each.kind]
    return words[0] if words else node.text


def _like(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that a pattern with `*` matches, case and all."""
    return [each for each in names if operator_name.is_like(pattern, each)]


def _as_name(number: str) -> str:
    return number.replace(".", "_")
