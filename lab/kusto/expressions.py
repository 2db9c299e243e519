"""The type of every expression, and the refusal of what Kusto would refuse.

One walk over the syntax tree: names mean something where they stand, a predicate is a bool, the
sides of an operator can be compared, a function is called as Microsoft's language service knows
it. What is refused here is refused in Azure.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn

from components.limits import kql_text
from lab.kusto import kql_types, nearest_name, result_name, signatures, spelling
from lab.kusto.kql_types import ARRAY, BAG, DYNAMIC, UNKNOWN, VALUE
from lab.kusto.kusto_error import KustoError, placed
from lab.kusto.names_in_scope import LetFunction, RowOfMany, Scope, TableType
from lab.kusto.query_tree import Node, plain_name
from lab.kusto.signatures import TABLE, Symbol, symbols

Found = str | TableType | RowOfMany
"""A scalar's type, a table, or several columns."""

NAMES: Final = result_name.NAMES
_LITERALS: Final = {
    "LongLiteralExpression": "long",
    "SignedLongLiteralExpression": "long",
    "IntLiteralExpression": "int",
    "RealLiteralExpression": "real",
    "SignedRealLiteralExpression": "real",
    "DecimalLiteralExpression": "decimal",
    "StringLiteralExpression": "string",
    "BooleanLiteralExpression": "bool",
    "DateTimeLiteralExpression": "datetime",
    "TimeSpanLiteralExpression": "timespan",
    "GuidLiteralExpression": "guid",
    "TypeLiteralExpression": "type",
}
_OPERATORS: Final = {
    **{"+": "Add", "-": "Subtract", "*": "Multiply", "/": "Divide", "%": "Modulo"},
    **{"<": "LessThan", "<=": "LessThanOrEqual", ">": "GreaterThan", ">=": "GreaterThanOrEqual"},
    **{"==": "Equal", "!=": "NotEqual", "<>": "NotEqual", "=~": "EqualTilde", "!~": "BangTilde"},
    **{"and": "And", "or": "Or", "between": "Between", "!between": "NotBetween"},
    **{"in": "In", "!in": "NotIn", "in~": "InCs", "!in~": "NotInCs"},
    **{"has_any": "HasAny", "has_all": "HasAll", "matches regex": "MatchRegex"},
    **{"has": "Has", "!has": "NotHas", "has_cs": "HasCs", "!has_cs": "NotHasCs"},
    **{"hasprefix": "HasPrefix", "!hasprefix": "NotHasPrefix"},
    **{"hasprefix_cs": "HasPrefixCs", "!hasprefix_cs": "NotHasPrefixCs"},
    **{"hassuffix": "HasSuffix", "!hassuffix": "NotHasSuffix"},
    **{"hassuffix_cs": "HasSuffixCs", "!hassuffix_cs": "NotHasSuffixCs"},
    **{"contains": "Contains", "!contains": "NotContains", "notcontains": "NotContains"},
    **{"contains_cs": "ContainsCs", "!contains_cs": "NotContainsCs"},
    **{"containscs": "ContainsCs", "notcontainscs": "NotContainsCs"},
    **{"startswith": "StartsWith", "!startswith": "NotStartsWith"},
    **{"startswith_cs": "StartsWithCs", "!startswith_cs": "NotStartsWithCs"},
    **{"endswith": "EndsWith", "!endswith": "NotEndsWith"},
    **{"endswith_cs": "EndsWithCs", "!endswith_cs": "NotEndsWithCs"},
    **{"like": "Like", "notlike": "NotLike", "likecs": "LikeCs", "notlikecs": "NotLikeCs"},
    ":": "Has",
}
_TUPLES: Final = {
    "series_stats": "min:real min_idx:long max:real max_idx:long avg:real stdev:real variance:real",
    "series_fit_line": "rsquare:real slope:real variance:real rvariance:real"
    " interception:real line_fit:dynamic",
    "series_fit_2lines": "rsquare:real split_idx:long variance:real rvariance:real"
    " line_fit:dynamic right_rsquare:real right_slope:real right_interception:real"
    " right_variance:real right_rvariance:real left_rsquare:real left_slope:real"
    " left_interception:real left_variance:real left_rvariance:real",
    "series_fit_poly": "rsquare:real coefficients:dynamic variance:real rvariance:real"
    " poly_fit:dynamic",
    "series_periods_detect": "periods:dynamic scores:dynamic",
    "series_periods_validate": "periods:dynamic scores:dynamic",
    "series_decompose": "baseline:dynamic seasonal:dynamic trend:dynamic residual:dynamic",
    "series_decompose_forecast": "forecast:dynamic seasonal:dynamic trend:dynamic residual:dynamic",
    "series_decompose_anomalies": "ad_flag:dynamic ad_score:dynamic baseline:dynamic",
    "series_fft": "real:dynamic imag:dynamic",
    "series_ifft": "real:dynamic imag:dynamic",
}
_OF_DATABASES: Final = ("workspace", "app", "database", "cluster", "resource")


class Expressions:
    """Types of expressions; who knows the operators gives `rows` and `body`."""

    def __init__(self, kql: str) -> None:
        self.kql = kql
        self.texts: dict[str, str] = {}
        """Parameters and `let` names whose text is known."""
        self.later: dict[str, TableType] = {}
        """What `as` names, for the operators after it."""
        self._calls: list[str] = []

    def rows(self, node: Node, scope: Scope) -> TableType:
        """The columns of a pipeline or another source of rows."""
        raise NotImplementedError

    def body(self, body: Node, scope: Scope) -> Found:
        """What a function's body gives."""
        raise NotImplementedError

    def note(self, what: str, node: Node, *details: Any) -> None:
        """Something met on the way that decides how the query is run."""

    # -- what is expected -------------------------------------------------------------------

    def predicate(self, node: Node, scope: Scope) -> None:
        """Refuse what is no bool: also `Status = 401`, whose value is 401."""
        if node.kind == "NamedExpression":
            self._single_equals(node)
        kind = self.scalar(node, scope)
        if kind not in ("bool", UNKNOWN):
            raise self.refused(
                node, f"{_shown(node)} is a {kql_types.plain(kind)}; expected a bool"
            )

    def scalar(self, node: Node, scope: Scope) -> str:
        """The type of a value; a table or several columns are refused."""
        found = self.of(node, scope)
        if isinstance(found, str):
            return found
        raise self.refused(node, f"{_shown(node)} is a table; expected a value, as in toscalar(…)")

    def integer(self, node: Node, scope: Scope) -> None:
        """Refuse what is no whole number."""
        kind = self.scalar(node, scope)
        if not kql_types.fits("Integer", kind):
            raise self.refused(
                node, f"{_shown(node)} is a {kql_types.plain(kind)}; expected a whole number"
            )

    def not_dynamic(self, node: Node, scope: Scope) -> str:
        """The type, of which Kusto takes anything but dynamic, as to group or to sort by."""
        kind = self.scalar(node, scope)
        if kql_types.is_dynamic(kind):
            raise self.refused(
                node,
                f"{_shown(node)} is a dynamic, which cannot be grouped or sorted by;"
                f" expected a type for it, as in tostring({_shown(node)[1:-1]})",
            )
        return kind

    def column(self, node: Node, row: TableType | None) -> str:
        """The type of a column, which must be given by its name."""
        if node.kind not in NAMES:
            raise self.refused(node, f"{_shown(node)} is no column; expected the name of one")
        name = plain_name(node)
        if row is not None and name in row.columns:
            return row.columns[name]
        if row is None or row.is_open:
            return UNKNOWN
        raise self.unknown_column(node, name, row.columns)

    # -- expressions ------------------------------------------------------------------------

    def of(self, node: Node, scope: Scope) -> Found:
        """The type of any expression."""
        if node.kind in _LITERALS:
            return _LITERALS[node.kind]
        if node.kind in NAMES:
            return self._name(node, scope)
        method = _METHODS.get(node.kind)
        if method is not None:
            return method(self, node, scope)
        return self.rows(node, scope)

    def _name(self, node: Node, scope: Scope) -> Found:
        name = plain_name(node)
        if name in ("$left", "$right"):
            side = scope.row if name == "$left" else scope.right
            return side or TableType(is_open=True)
        if scope.row is not None and name in scope.row.columns:
            if scope.aggregates:
                raise self.refused(
                    node, f"{name!r} is a column; expected an aggregate of it, as in max({name})"
                )
            return scope.row.columns[name]
        if name in scope.names:
            meaning = scope.names[name]
            if isinstance(meaning, LetFunction):
                if all(optional for _, _, optional in meaning.parameters):
                    return self._call_let(node, meaning, [], scope)
                raise self.refused(node, f"function {name!r} needs arguments; expected {name}(…)")
            return meaning
        if name in scope.tables:
            self.note("table", node, name)
            return scope.tables[name]
        if scope.row is not None and scope.row.is_open:
            return UNKNOWN
        if scope.row is None and name in self.later:
            return self.later[name]
        raise self._unknown_name(node, name, scope)

    def _parenthesized(self, node: Node, scope: Scope) -> Found:
        return self.of(node.children[1], scope)

    def _logical(self, node: Node, scope: Scope) -> Found:
        sides = [node.children[0], *(each.children[1] for each in node.children[1:])]
        operator = node.children[1].children[0].text
        kinds = [self._side(each, scope) for each in sides]
        for number in range(1, len(sides)):
            self._operator(operator, [sides[0], sides[number]], ["bool", kinds[number]], node)
        self._operator(operator, [sides[0], sides[0]], [kinds[0], "bool"], node)
        return "bool"

    def _side(self, node: Node, scope: Scope) -> str:
        if node.kind == "NamedExpression":
            self._single_equals(node)
        return self.scalar(node, scope)

    def _chain(self, node: Node, scope: Scope) -> Found:
        kind = self.scalar(node.children[0], scope)
        for each in node.children[1:]:
            right = self.scalar(each.children[1], scope)
            operator = " ".join(each.children[0].text.split())
            kind = self._operator(
                operator, [node.children[0], each.children[1]], [kind, right], each.children[0]
            )
        return kind

    def _relational(self, node: Node, scope: Scope) -> Found:
        left, operator, right = node.children
        kinds = [self.scalar(left, scope), self.scalar(right, scope)]
        return self._operator(operator.text, [left, right], kinds, operator)

    def _equality(self, node: Node, scope: Scope) -> Found:
        left, tail = node.children
        operator = tail.children[0]
        kind = self.scalar(left, scope)
        if tail.kind == "ListEqualityExpression":
            return self._list(left, operator, tail, kind, scope)
        if tail.kind == "BetweenEqualityExpression":
            ends = [tail.children[2], tail.children[4]]
            kinds = [kind, *(self.scalar(each, scope) for each in ends)]
            return self._operator(operator.text, [left, *ends], kinds, operator)
        right = self.scalar(tail.children[1], scope)
        self._comparable(left, tail.children[1], operator, kind, right)
        return self._operator(operator.text, [left, tail.children[1]], [kind, right], operator)

    def _list(self, left: Node, operator: Node, tail: Node, kind: str, scope: Scope) -> Found:
        items = [each for each in tail.children[2:-1] if each.text != ","]
        for each in items:
            found = self.of(each, scope)
            right = TABLE if isinstance(found, TableType) else found
            if isinstance(right, RowOfMany):
                raise self.refused(each, f"{_shown(each)} is no value; expected one")
            self._operator(operator.text, [left, each], [kind, right], operator)
        return "bool"

    def _star(self, node: Node, scope: Scope) -> Found:
        self.note("star", node, scope.row)
        self.scalar(node.children[-1], scope)
        return "bool"

    def _unary(self, node: Node, scope: Scope) -> Found:
        kind = self.scalar(node.children[1], scope)
        symbol = "UnaryMinus" if node.children[0].text == "-" else "UnaryPlus"
        found = signatures.match(symbols("operators")[symbol], [kind])
        if found is None:
            raise self.refused(
                node,
                f"{node.children[0].text} cannot be put before a {kql_types.plain(kind)};"
                " expected a number or a time",
            )
        return kql_types.promoted(kind)

    def _comparable(self, left: Node, right: Node, operator: Node, one: str, two: str) -> None:
        """Microsoft's parser takes any two types here, its engine does not: "Cannot compare values
        of types string and long" (microsoft/BCTech issue 24). A text beside a bool or a time is
        an idiom of Microsoft's own (`_IsBillable == true`): the text is read as one."""
        kinds = {one, two}
        if kql_types.comparable(one, two):
            if "string" in kinds and not kinds <= {"string", UNKNOWN}:
                side, target = (left, two) if one == "string" else (right, one)
                self.note("text", side, target)
            return
        if "string" not in kinds:
            raise self.refused(
                operator,
                f"{_shown(left)} is a {one} and {_shown(right)} a {two}, which {operator.text}"
                " cannot compare; expected one type on both sides",
            )
        text, number = (left, right) if one == "string" else (right, left)
        literal = number.kind.endswith("LiteralExpression")
        cast = f'"{number.text}"' if literal else f"tostring({number.text})"
        raise self.refused(
            operator,
            f"{_shown(text)} is a string and {_shown(number)} a number, which"
            f" {operator.text} cannot compare; expected {cast}",
        )

    def _operator(
        self, operator: str, sides: Sequence[Node], kinds: Sequence[str], where: Node
    ) -> str:
        symbol = symbols("operators")[_OPERATORS[operator]]
        found = signatures.match(symbol, kinds)
        if found is None:
            told = [kql_types.plain(each) for each in kinds]
            last = f"{', '.join(told[:-1])} and {told[-1]}"
            raise self.refused(where, f"{operator} cannot be used on {last}; {_cast(sides, kinds)}")
        return signatures.result_of(symbol, *found, kinds)

    # -- paths ------------------------------------------------------------------------------

    def _path(self, node: Node, scope: Scope) -> Found:
        root = node.children[0]
        if root.kind in _CALLS and root.children[0].text in _OF_DATABASES:
            return self._of_database(node, scope)
        found = self.of(root, scope)
        for each in node.children[1:]:
            found = self._step(node, each, found, scope)
        return found

    def _step(self, node: Node, step: Node, found: Found, scope: Scope) -> Found:
        selector = step.children[1]
        if isinstance(found, TableType):
            return self.column(selector, found)
        if step.kind == "FunctionCallOrPathElementOperation":
            self.scalar(selector, replace(scope, aggregates=False))
        if isinstance(found, str) and (kql_types.is_dynamic(found) or found == UNKNOWN):
            return DYNAMIC
        before = self.kql[node.start : step.start]
        kind = kql_types.plain(found) if isinstance(found, str) else "row"
        raise self.refused(
            step,
            f"{before!r} is a {kind} and has no parts; expected a dynamic, as in"
            f" parse_json({before})",
        )

    def _of_database(self, node: Node, scope: Scope) -> Found:
        name = node.children[-1].children[-1]
        if node.children[-1].kind == "FunctionCallOrPathPathOperation" and name.kind in NAMES:
            self.note("foreign", node, plain_name(name))
            if plain_name(name) in scope.tables:
                return scope.tables[plain_name(name)]
            raise self._unknown_name(name, plain_name(name), scope)
        raise self.refused(node, f"{_shown(node)} is no table; expected workspace(…).<table>")

    # -- calls ------------------------------------------------------------------------------

    def call(self, node: Node, scope: Scope) -> Found:
        """A function's value, with its arguments held against what it takes."""
        name = node.children[0].text
        arguments = [each for each in node.children[2:-1] if each.text != ","]
        meaning = scope.names.get(name)
        if isinstance(meaning, LetFunction):
            return self._call_let(node, meaning, arguments, scope)
        if isinstance(meaning, TableType) and not arguments:
            return meaning
        if name == spelling.TABLE:
            return self._table(node, arguments, scope)
        symbol = self.symbol(name)
        if symbol is None:
            self._unknown_function(node.children[0], name, scope)
        is_aggregate = name in symbols("aggregates") and (
            scope.aggregates or name not in symbols("functions")
        )
        if is_aggregate:
            if not scope.aggregates:
                raise self.refused(
                    node.children[0],
                    f"aggregate {name!r} cannot be used here; expected it in summarize",
                )
            symbol = symbols("aggregates")[name]
            scope = replace(scope, aggregates=False)
        if name in ("column_ifexists", "columnifexists") and arguments:
            return self._column_if(node, arguments, scope)
        kinds = [self._argument(each, scope) for each in arguments]
        self.note("call", node, name, *kinds)
        return self._result(node, symbol, arguments, kinds, scope)

    def symbol(self, name: str) -> Symbol | None:
        """The built-in function or aggregate of a name."""
        return symbols("functions").get(name) or symbols("aggregates").get(name)

    def _argument(self, node: Node, scope: Scope) -> str:
        if node.text == "*":
            return "*"
        found = self.of(node, scope)
        if isinstance(found, RowOfMany):
            return DYNAMIC
        return TABLE if isinstance(found, TableType) else found

    def _result(
        self, node: Node, symbol: Symbol, arguments: list[Node], kinds: list[str], scope: Scope
    ) -> Found:
        found = signatures.match(symbol, kinds)
        if found is None:
            self._misfit(node, symbol, arguments, kinds)
        for argument, parameter in zip(arguments, found[1], strict=True):
            self._held_to(argument, parameter, scope)
        if symbol.name in _TUPLES:
            columns = dict(each.split(":") for each in _TUPLES[symbol.name].split())
            return RowOfMany({f"{symbol.name}_{_of(arguments)}{k}": v for k, v in columns.items()})
        if symbol.name == "materialize" and arguments:
            return self.of(arguments[0], scope)
        if found[0].result.endswith("Literal") and arguments:
            return _typed(arguments[-1], "string" if symbol.name == "extract" else DYNAMIC)
        return signatures.result_of(symbol, *found, kinds)

    def _held_to(self, node: Node, parameter: signatures.Parameter, scope: Scope) -> None:
        if node.kind == "NamedExpression":
            node = node.children[-1]
        if parameter.argument == "Column":
            self.column(node, scope.row)
        elif parameter.argument == "Constant":
            self.constant(node, scope)
        elif parameter.argument.startswith("Literal"):
            self._literal(node, parameter)

    def constant(self, node: Node, scope: Scope) -> None:
        """Refuse what depends on the row."""
        columns = scope.row.columns if scope.row is not None else {}
        for each in node.walk():
            if each.kind in NAMES and plain_name(each) in columns:
                raise self.refused(each, f"{_shown(each)} is a column; expected a constant")

    def _literal(self, node: Node, parameter: signatures.Parameter) -> None:
        if node.kind not in _LITERALS:
            raise self.refused(node, f"{_shown(node)} is no literal; expected one")
        if parameter.values and node.kind == "StringLiteralExpression":
            given = kql_text.value(node.text)
            if given.casefold() not in {each.casefold() for each in parameter.values}:
                expectation = nearest_name.expected(given, parameter.values)
                raise self.refused(node, f"{_shown(node)} is not known here; {expectation}")

    def _misfit(
        self, node: Node, symbol: Symbol, arguments: list[Node], kinds: list[str]
    ) -> NoReturn:
        name = symbol.name
        ways = [each for each in symbol.signatures if each.parameters_for(len(kinds))]
        if len(kinds) == 0 and any(
            each.parameters_for(0) is not None for each in symbol.signatures
        ):
            ways = [symbol.signatures[0]]
        if not ways:
            raise self.refused(node, f"{name}() takes {_counts(symbol)}, not {len(kinds)}")
        parameters = ways[0].parameters_for(len(kinds)) or []
        for number, argument in enumerate(arguments):
            if len(ways) == 1 and not signatures.rank(parameters, kinds, number):
                if argument.kind == "NamedExpression" and parameters[number].types == ("bool",):
                    self._single_equals(argument)
                kind = "table" if kinds[number] == TABLE else kql_types.plain(kinds[number])
                raise self.refused(
                    argument,
                    f"{_shown(argument)} is a {kind}; {name}() expected"
                    f" {parameters[number].expected} there",
                )
        told = ", ".join(kql_types.plain(each) for each in kinds)
        if any(parameter.kind.startswith("Common") for parameter in parameters):
            raise self.refused(node, f"{name}({told}): its values have no type in common")
        raise self.refused(node, f"{name}() cannot be used on ({told})")

    def _column_if(self, node: Node, arguments: list[Node], scope: Scope) -> Found:
        if len(arguments) != 2 or arguments[0].kind != "StringLiteralExpression":
            raise self.refused(
                node,
                f'{_shown(node)} is not in form; expected {node.children[0].text}("name", else)',
            )
        otherwise = self.scalar(arguments[1], scope)
        name = kql_text.value(arguments[0].text)
        columns = scope.row.columns if scope.row is not None else {}
        self.note("column_if", node, name if name in columns else None, arguments[1])
        return columns.get(name, otherwise)

    def _table(self, node: Node, arguments: list[Node], scope: Scope) -> Found:
        if not arguments:
            raise self.refused(node, 'table() names no table; expected table("name")')
        first = arguments[0]
        if first.kind != "StringLiteralExpression":
            self.scalar(first, scope)
            name = self._text_of(first, scope)
            if name is None:
                return TableType(is_open=True)
        else:
            name = kql_text.value(first.text)
        self.note("table_call", node, name)
        if name in scope.tables:
            self.note("table", node, name)
            return scope.tables[name]
        meaning = scope.names.get(name)
        if isinstance(meaning, TableType):
            return meaning
        raise self._unknown_name(first, name, scope)

    def _text_of(self, node: Node, scope: Scope) -> str | None:
        """The text that a name stands for, where a call or a `let` gives it as a literal."""
        return self.texts.get(plain_name(node)) if node.kind in NAMES else None

    def _call_let(
        self, node: Node, function: LetFunction, arguments: list[Node], scope: Scope
    ) -> Found:
        least = sum(not optional for _, _, optional in function.parameters)
        most = len(function.parameters)
        if not least <= len(arguments) <= most:
            wants = f"{most}" if least == most else f"{least} to {most}"
            raise self.refused(
                node,
                f"function {function.name!r} takes {wants} argument{'s' * (most != 1)},"
                f" not {len(arguments)}",
            )
        if function.name in self._calls:
            raise self.refused(node, f"function {function.name!r} calls itself; expected no circle")
        inner = function.scope
        texts = dict(self.texts)
        positional = dict(
            zip((name for name, _, _ in function.parameters), arguments, strict=False)
        )
        for name, kind, _ in function.parameters:
            given = positional.get(name)
            inner, known = self._parameter(inner, name, kind, given, scope)
            texts.pop(name, None)
            if known is not None:
                texts[name] = known
        before, self.texts = self.texts, texts
        self._calls.append(function.name)
        try:
            found = self.body(function.body, inner)
            self._inlined(node, function, positional)
            return found
        finally:
            self.texts = before
            self._calls.pop()

    def _inlined(self, node: Node, function: LetFunction, given: dict[str, Node]) -> None:
        """Note a call whose body names a table by a parameter: it has to stand there itself."""
        tables: dict[Node, str] = {}
        for each in function.body.walk():
            if each.kind in _CALLS and each.children[0].text == spelling.TABLE:
                name = self._text_of(each.children[2], function.scope)
                if name is not None:
                    tables[each] = name
        if tables and node.kind in _CALLS:
            values = {
                each: given[plain_name(each)]
                for each in function.body.walk()
                if each.kind in NAMES and plain_name(each) in given
            }
            self.note("inline", node, function.body, values, tables)

    def _parameter(
        self, inner: Scope, name: str, kind: str | TableType, given: Node | None, scope: Scope
    ) -> tuple[Scope, str | None]:
        if given is None:
            return inner.named(name, kind), None
        value = given.children[-1] if given.kind == "NamedExpression" else given
        found = self.of(value, replace(scope, aggregates=False))
        if isinstance(kind, TableType):
            if not isinstance(found, TableType):
                raise self.refused(
                    value, f"{_shown(value)} is a value; expected a table for {name!r}"
                )
            missing = [each for each in kind.columns if each not in found.columns]
            if missing and not found.is_open:
                raise self.refused(
                    value, f"{_shown(value)} has no column {missing[0]!r}, which {name!r} needs"
                )
            return inner.named(name, found if kind.is_open or not kind.columns else kind), None
        if not isinstance(found, str):
            raise self.refused(value, f"{_shown(value)} is a table; expected a {kind} for {name!r}")
        known = kql_text.value(value.text) if value.kind == "StringLiteralExpression" else None
        return inner.named(name, kind), known or self._text_of(value, scope)

    def _to_scalar(self, node: Node, scope: Scope) -> Found:
        inner = next(each for each in node.children[2:] if each.text not in ("(", ")"))
        found = self.of(inner, replace(scope, row=None, aggregates=False))
        if isinstance(found, TableType):
            return next(iter(found.columns.values()), UNKNOWN)
        return found if isinstance(found, str) else UNKNOWN

    def _named(self, node: Node, scope: Scope) -> Found:
        return self.of(node.children[-1], scope)

    def _dynamic(self, node: Node, scope: Scope) -> Found:
        inner = node.children[2] if len(node.children) > 2 else node
        return {"JsonObject": BAG, "JsonArray": ARRAY}.get(inner.kind, VALUE)

    # -- refusals ---------------------------------------------------------------------------

    def refused(self, node: Node, message: str) -> KustoError:
        """The refusal of a piece of the text."""
        return placed(message, self.kql, node.start, node.end)

    def _single_equals(self, node: Node) -> NoReturn:
        clause = node.children[0]
        raise placed(
            f"{self.kql[node.start : node.end]!r} names a value and compares nothing;"
            " did you mean '=='?",
            self.kql,
            clause.end - 1,
            clause.end,
        )

    def unknown_column(self, node: Node, name: str, there: Collection[str]) -> KustoError:
        """A column that there is not at this step."""
        return placed(
            f"column {name!r} does not exist; {nearest_name.expected_column(name, there)}",
            self.kql,
            node.start,
            node.end,
            column=name,
        )

    def _unknown_name(self, node: Node, name: str, scope: Scope) -> KustoError:
        if scope.row is not None:
            own = [each for each, what in scope.names.items() if isinstance(what, str)]
            return placed(
                f"column {name!r} does not exist;"
                f" {nearest_name.expected_column(name, scope.row.columns, own)}",
                self.kql,
                node.start,
                node.end,
                column=name,
            )
        known = [*scope.tables, *scope.names]
        return self.refused(
            node, f"table {name!r} does not exist; {nearest_name.expected_table(name, known)}"
        )

    def _unknown_function(self, node: Node, name: str, scope: Scope) -> NoReturn:
        own = [each for each, what in scope.names.items() if not isinstance(what, str)]
        known = [*symbols("functions"), *symbols("aggregates"), *own]
        known = [each for each in known if each not in nearest_name.OLD_FUNCTIONS]
        if scope.row is None and name not in known:
            known += list(scope.tables)
        raise self.refused(
            node, f"function {name!r} does not exist; {nearest_name.expected_function(name, known)}"
        )


_CALLS: Final = ("NamedFunctionCallExpression", "CountExpression")
_METHODS: Final = {
    "ParenthesizedExpression": Expressions._parenthesized,
    "LogicalOrExpression": Expressions._logical,
    "LogicalAndExpression": Expressions._logical,
    "AdditiveExpression": Expressions._chain,
    "MultiplicativeExpression": Expressions._chain,
    "StringBinaryOperatorExpression": Expressions._chain,
    "RelationalExpression": Expressions._relational,
    "EqualityExpression": Expressions._equality,
    "StringStarOperatorExpression": Expressions._star,
    "StarEqualityExpression": Expressions._star,
    "InvocationExpression": Expressions._unary,
    "FunctionCallOrPathPathExpression": Expressions._path,
    "NamedFunctionCallExpression": Expressions.call,
    "CountExpression": Expressions.call,
    "ToScalarExpression": Expressions._to_scalar,
    "NamedExpression": Expressions._named,
    "DynamicLiteralExpression": Expressions._dynamic,
}


def _shown(node: Node) -> str:
    text = " ".join(node.text.split())
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


def _of(arguments: Sequence[Node]) -> str:
    name = result_name.of(arguments[0], lambda name: None) if arguments else None
    return f"{name}_" if name else ""


def _typed(node: Node, otherwise: str) -> str:
    if node.kind != "TypeLiteralExpression":
        return otherwise
    kind = node.text.partition("(")[2].rstrip(") ").strip()
    return kql_types.SPELLINGS.get(kind, kind)


def _counts(symbol: Symbol) -> str:
    counts = sorted(
        {
            number
            for each in symbol.signatures
            for number in range(9)
            if each.parameters_for(number) is not None
        }
    )
    return f"{' or '.join(map(str, counts))} arguments" if counts != [1] else "1 argument"


_CASTS: Final = {
    "string": "tostring",
    "datetime": "todatetime",
    "timespan": "totimespan",
    "long": "tolong",
    "int": "toint",
    "real": "toreal",
}


def _cast(sides: Sequence[Node], kinds: Sequence[str]) -> str:
    """What is expected instead of sides that do not go together."""
    if kinds[0] == "string" and kinds[-1] == "string":
        return "expected numbers or times; strcat() joins texts, strcmp() orders them"
    for target, source in ((0, 1), (1, 0)):
        if kinds[target] in ("datetime", "timespan", "int", "long", "real") and (
            kinds[source] == "string"
        ):
            return f"expected {_CASTS[kinds[target]]}({' '.join(sides[source].text.split())})"
    if kinds[-1] == "string" and not kql_types.is_dynamic(kinds[0]):
        return f"expected a text, as in tostring({' '.join(sides[0].text.split())})"
    return "expected types that go together"


def arguments_of(node: Node) -> Iterator[Node]:
    """The items of a list in the tree, without the commas."""
    return (each for each in node.children if each.text != ",")
