"""Queries made by chance over a table with a column of each type, many of them wrong."""

import random
from collections.abc import Callable, Iterator
from typing import Final

TABLES: Final = {
    "T": {
        **{"s": "string", "s2": "string", "i": "int", "l": "long", "r": "real", "b": "bool"},
        **{"t": "datetime", "ts": "timespan", "d": "dynamic", "g": "guid"},
    },
    "U": {"s": "string", "i": "long", "t": "datetime", "extra": "string"},
}

_VALUES: Final = (
    *("s", "s2", "i", "l", "r", "b", "t", "ts", "d", "g", "1", "2.5", '"x"', "true", "1h"),
    *("datetime(2026-01-05)", 'dynamic(["a"])', "d.a", 'd["b"]', "now()", "ago(1h)", "nope", "S"),
    *("int(null)", "-1", "'a'", "x1", "N"),
)
_FUNCTIONS: Final = (
    *("strlen", "tolower", "tostring", "toint", "tolong", "todatetime", "iff", "case", "bin"),
    *("strcat", "split", "extract", "parse_json", "isempty", "isnotempty", "isnull", "not"),
    *("array_length", "format_datetime", "datetime_diff", "startofday", "hourofday", "coalesce"),
    *("max_of", "substring", "indexof", "replace_string", "countof", "toupper", "abs", "round"),
    *("pack", "Strlen", "tostr", "ToLower", "hash", "iif", "dayofweek", "ago", "log10"),
    *("set_has_element", "parse_url", "ipv4_is_private", "strcmp", "bag_keys", "trim"),
)
_AGGREGATES: Final = (
    *("count", "countif", "sum", "avg", "min", "max", "dcount", "dcountif", "make_set"),
    *("make_list", "arg_max", "arg_min", "percentile", "take_any", "stdev", "sumif", "Count"),
    *("percentiles", "any", "make_bag", "avgif", "Sum"),
)
_COMPARISONS: Final = (
    *("==", "!=", "=~", "!~", "<", "<=", ">", ">=", "has", "!has", "contains", "startswith"),
    *("endswith", "matches regex", "has_cs", "hasprefix", "=", "contains_cs", "!contains"),
)

_OF_KIND: Final = {
    "string": ("s", "s2", '"x"', "tostring(d.a)", "tolower(s)", "strcat(s, i)", 'trim(" ", s)'),
    "long": ("l", "i", "5", "strlen(s)", "tolong(s)", "l + 1", "hourofday(t)", "array_length(d)"),
    "real": ("r", "2.5", "l / 2.0", "toreal(s)", "round(r)", "abs(r)"),
    "datetime": ("t", "now()", "ago(1h)", "todatetime(s)", "bin(t, 1h)", "startofday(t)"),
    "timespan": ("ts", "1h", "t - ago(1d)", "now() - t"),
    "bool": ("b", "true", "isempty(s)", "i > 5", 's has "x"', "not(b)", 's in ("a", s2)'),
    "dynamic": ("d", 'dynamic(["a"])', "split(s, ',')", "parse_json(s)", "d.a", "pack('a', s)"),
}
"""Expressions of each type."""


class Maker:
    """Queries from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # no secret

    def queries(self, number: int) -> Iterator[str]:
        """That many queries."""
        for _ in range(number):
            steps = [self._step() for _ in range(self._random.randint(1, 3))]
            yield " | ".join([self._random.choice(("T", "T", "T", "U", "V")), *steps])

    def _value(self, depth: int = 0) -> str:
        chance = self._random.random()
        if depth > 2 or chance < 0.35:
            return self._of(self._random.choice(tuple(_OF_KIND)))
        if chance < 0.45:
            return self._random.choice(_VALUES)
        if chance < 0.8:
            count = self._random.choice((0, 1, 1, 1, 2, 2, 3, 3))
            arguments = ", ".join(self._value(depth + 1) for _ in range(count))
            return f"{self._random.choice(_FUNCTIONS)}({arguments})"
        if chance < 0.95:
            sign = self._random.choice("+-*/%")
            return f"({self._value(depth + 1)} {sign} {self._value(depth + 1)})"
        return (
            f"iff({self._predicate(depth + 1)}, {self._value(depth + 1)}, {self._value(depth + 1)})"
        )

    def _of(self, kind: str) -> str:
        return self._random.choice(_OF_KIND[kind])

    def _sound(self) -> str:
        kind = self._random.choice(tuple(_OF_KIND))
        sign = self._random.choice({"string": ("==", "has", "=~")}.get(kind, ("==", ">", "<=")))
        return f"{self._of(kind)} {sign} {self._of(kind)}"

    def _predicate(self, depth: int = 0) -> str:
        chance = self._random.random()
        if chance < 0.3:
            return self._sound()
        chance = self._random.random()
        value = self._value(depth + 1)
        if chance < 0.6:
            return f"{value} {self._random.choice(_COMPARISONS)} {self._value(depth + 1)}"
        if chance < 0.7:
            return f"{value} in ({self._value(depth + 1)}, {self._value(depth + 1)})"
        if chance < 0.78:
            return f"{value} between ({self._value(depth + 1)} .. {self._value(depth + 1)})"
        if chance < 0.84 and depth < 2:
            return f"not({self._predicate(depth + 1)})"
        if chance < 0.94 and depth < 2:
            word = self._random.choice(("and", "or"))
            return f"{self._predicate(depth + 1)} {word} {self._predicate(depth + 1)}"
        return value

    def _aggregate(self) -> str:
        name = self._random.choice(_AGGREGATES)
        if name in ("countif", "count") and self._random.random() < 0.5:
            return f"countif({self._predicate(1)})"
        count = {"count": 0, "Count": 0}.get(name, self._random.choice((1, 1, 1, 2, 2, 3)))
        arguments = ", ".join(self._value(2) for _ in range(count))
        return f"{name}({arguments})"

    def _step(self) -> str:
        pick = self._random.choice

        def column() -> str:
            return pick((*TABLES["T"], *TABLES["T"], *TABLES["T"], "nope"))

        makers: tuple[Callable[[], str], ...] = (
            lambda: f"where {self._predicate()}",
            lambda: f"where {self._predicate()}",
            lambda: f"extend x1 = {self._value()}",
            lambda: f"extend x1 = {self._value()}, x2 = {self._value(1)}",
            lambda: f"project {column()}, x1 = {self._value()}",
            lambda: f"project {column()}, {column()}",
            lambda: f"summarize N = {self._aggregate()} by {self._value(2)}",
            lambda: f"summarize {self._aggregate()}, x1 = {self._aggregate()} by {column()}",
            lambda: f"summarize N = {self._aggregate()}",
            lambda: f"top {pick(('5', 's', 'i', '2.5'))} by {self._value(1)}",
            lambda: f"sort by {self._value(1)} desc, {column()}",
            lambda: f"take {pick(('5', '1 + 2', 's', 'true'))}",
            lambda: f"distinct {column()}, {column()}",
            lambda: f"project-away {column()}, {column()}",
            lambda: f"project-rename x1 = {column()}",
            lambda: f"project-keep s*, {column()}",
            lambda: f"mv-expand x1 = {self._value(2)}",
            lambda: f"mv-expand {column()} to typeof(string)",
            lambda: f"join kind={pick(('inner', 'leftouter', 'outer'))} (U) on {column()}",
            lambda: f"join (U) on $left.{column()} == $right.{pick(('s', 'i', 'extra', 'no'))}",
            lambda: f"lookup (U) on {column()}",
            lambda: "union U",
            lambda: f"parse {column()} with * 'a' x1:long 'b' x2",
            lambda: f"extend x1 = toscalar(U | summarize {self._aggregate()})",
            lambda: "count",
            lambda: f"{pick(('Where', 'sumarize', 'take', 'limit'))} 5",
            lambda: f"make-series {self._aggregate()} on {column()} step {pick(('1h', '1', 's'))}",
        )
        return pick(makers)()


def mutated(kql: str, seed: int) -> str:
    """A query of the library with one word or sign of it changed."""
    chosen = random.Random(seed)  # noqa: S311  # no secret
    words = kql.split(" ")
    at = chosen.randrange(len(words))
    change = chosen.choice(("drop", "case", "swap", "equals", "number", "text"))
    if change == "drop":
        del words[at]
    elif change == "case":
        words[at] = words[at].swapcase()
    elif change == "swap":
        other = chosen.randrange(len(words))
        words[at], words[other] = words[other], words[at]
    elif change == "equals":
        words = ["=" if word in ("==", ">=", "!=") else word for word in words]
    else:
        words[at] = "5" if change == "number" else '"x"'
    return " ".join(words)
